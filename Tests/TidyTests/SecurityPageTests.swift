import Testing

/// SECURITY.md claims only what a test shows.
struct SecurityPageTests {
    private static let sections = [
        "A calling service that is not allowed, or goes astray",
        "Who is on the network", "A stranger who knows an address or a token",
        "Who guesses passwords and codes", "Administrators, import, export and resets",
        "Who operates or steals the table",
        "A stolen disk or backup", "A stolen server secret", "Who wants to hide what happened",
        "Secrets in the wrong place",
    ]

    private func testNames() throws -> Set<String> {
        var names: Set<String> = []
        for file in try PackageTree.swiftFiles("Tests") {
            for (_, line) in file.codeLines where line.contains("func `") {
                names.insert(MarkdownDocument.code(in: line)[0])
            }
        }
        return names
    }

    @Test
    func `Each claim names tests that exist`() throws {
        let page = try MarkdownDocument("SECURITY.md")
        let names = try testNames()
        #expect(names.count > 500)
        for section in SecurityPageTests.sections {
            let rows = page.rows(section)
            #expect(!rows.isEmpty, "\(section)")
            for row in rows {
                let named = MarkdownDocument.code(in: row[1])
                #expect(!named.isEmpty, "no test for: \(row[0])")
                for name in named {
                    #expect(names.contains(name), "there is no test: \(name)")
                }
            }
        }
    }

    @Test
    func `Each section says what is not protected`() throws {
        let page = try MarkdownDocument("SECURITY.md")
        for section in SecurityPageTests.sections {
            #expect(
                page.section(section).contains { $0.hasPrefix("**Not protected:**") }, "\(section)")
        }
    }
}
