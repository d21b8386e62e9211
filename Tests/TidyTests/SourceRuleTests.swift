import Testing

/// Rules about single lines and files.
struct SourceRuleTests {
    private static let linesMax = 400

    @Test
    func `No file is longer than 400 lines`() throws {
        let endings = [".swift", ".c", ".h", ".sh", ".py", ".go", ".proto"]
        let generated = [
            "Sources/CAuthdProto/", "Sources/CCommonPasswords/common_passwords.c",
            "scripts/lib/startup-order.txt",
        ]
        let paths =
            ["Sources", "Tests", "proto"].flatMap { PackageTree.paths(below: $0, endings: endings) }
            + PackageTree.paths(below: "scripts")
        #expect(paths.count > 200)
        for path in paths where !generated.contains(where: { path.hasPrefix($0) }) {
            let count = try PackageTree.file(path).lines.count - 1
            #expect(count <= SourceRuleTests.linesMax, "\(path) has \(count) lines")
        }
    }

    @Test
    func `Force-try is never used`() throws {
        for file in try PackageTree.swiftFiles("Sources", "Tests") {
            #expect(file.matches(#"\btry[!]"#) == [])
        }
    }

    /// One helper pauses: between two looks at what other processes did, and it has a deadline.
    @Test
    func `Tests never sleep`() throws {
        let poll = "Tests/IntegrationTests/Support/Waiting.swift"
        for file in try PackageTree.swiftFiles("Tests") {
            let found = file.matches(
                #"\b(Task|Thread)\.sleep|\b(u|nano)?sleep\(|\.asyncAfter\("#)
            #expect(found.count <= (file.path == poll ? 1 : 0), "\(found)")
        }
    }

    /// The layers that read what peers send stop the program in two places, for faults of our own:
    /// a list that was checked when it was copied, and an allocation without an address.
    @Test
    func `Code that handles peer input never traps, except in two known places`() throws {
        let known: Set = [
            "Sources/ProtobufCodec/ProtobufMessage.swift",
            "Sources/TTRPC/Envelope/CallMetadata.swift",
        ]
        let files = try PackageTree.swiftFiles(
            "Sources/TTRPC", "Sources/ProtobufCodec", "Sources/AuthMessages", "Sources/Transport",
            "Sources/AuthService")
        #expect(files.count > 50)
        for file in files {
            let found = file.matches(#"\b(fatalError|preconditionFailure|assertionFailure)\("#)
            #expect(found.count <= (known.contains(file.path) ? 1 : 0), "\(found)")
        }
    }

    @Test
    func `Every unchecked concurrency annotation has a comment that justifies it`() throws {
        let proofLinesMax = 12
        for file in try PackageTree.swiftFiles("Sources", "Tests") {
            let lines = file.lines
            for (number, text) in file.codeLines {
                let needle: String
                if text.contains("@unchecked" + " Sendable") {
                    needle = "`@unchecked" + " Sendable`"
                } else if text.contains("nonisolated" + "(unsafe)") {
                    needle = "nsafe"
                } else {
                    continue
                }
                let above = lines[..<(number - 1)].suffix(proofLinesMax)
                    .filter { $0.trimmed.hasPrefix("//") }
                #expect(
                    above.contains { $0.contains(needle) },
                    "\(file):\(number): no comment above it proves it")
            }
        }
    }

    @Test
    func `Only the CI script refers to the shared folder outside the repository`() throws {
        let outside = ".." + "/shared"
        let paths =
            ["Sources", "Tests", "scripts", "docs", "proto"]
            .flatMap { PackageTree.paths(below: $0) } + [
                "README.md", "ARCHITECTURE.md", "Package.swift", ".env_example", ".gitignore",
            ]
        for path in paths {
            guard let file = try? PackageTree.file(path) else { continue }  // not text
            #expect(!file.text.contains(outside), "\(path)")
        }
    }
}
