import Testing

/// README.md says what the code does.
struct ReadmeTests {
    private let readme: MarkdownDocument

    init() throws {
        readme = try MarkdownDocument("README.md")
    }

    /// Name and default of every setting, from `.env_example`, which a test compares with the code.
    private func settings() throws -> [(names: [String], defaultText: String)] {
        var comment = ""
        var settings: [(names: [String], defaultText: String)] = []
        for line in try PackageTree.file(".env_example").lines {
            if line.hasPrefix("# ") {
                comment += line.dropFirst(1)
            } else if line.hasPrefix("#"), let equals = line.firstIndex(of: "=") {
                var text = comment.components(after: "Default: ")
                if text.hasSuffix(" Secret.") { text.removeLast(" Secret.".count) }
                var names = [String(line[line.index(after: line.startIndex)..<equals])]
                let alias = text.components(after: "Alias: ")
                if !alias.isEmpty {
                    names.append(String(alias.dropLast()))
                    text.removeLast(" Alias: ".count + alias.count)
                }
                settings.append((names, String(text.dropLast())))
            } else {
                comment = ""
            }
        }
        return settings
    }

    @Test
    func `The table of settings has every setting with its default`() throws {
        let settings = try settings()
        #expect(settings.count > 30)
        let rows = readme.rows("Configuration").filter { $0.count == 3 }
        #expect(
            rows.map { MarkdownDocument.code(in: $0[0]) } == settings.map(\.names))
        for (row, setting) in zip(rows, settings) {
            #expect(row[2].filter { $0 != "`" } == setting.defaultText, "\(setting.names[0])")
        }
    }

    /// The cases of `ErrorReason` and their texts.
    private func reasons() throws -> [String: String] {
        var reasons: [String: String] = [:]
        let file = try PackageTree.file("Sources/AuthMessages/Common/ErrorReason.swift")
        for (_, line) in file.codeLines {
            let words = line.split(separator: " ")
            guard words.count == 4, words[0] == "case", words[2] == "=" else { continue }
            reasons[String(words[1])] = words[3].filter { $0 != "\"" }
        }
        return reasons
    }

    @Test
    func `The table of reasons has every reason`() throws {
        let documented = readme.rows("Errors").filter { $0.count == 3 }
            .flatMap { MarkdownDocument.code(in: $0[0]) }
        let reasons = try reasons()
        #expect(reasons.count > 20)
        #expect(documented.sorted() == reasons.values.sorted())
    }

    @Test
    func `The table of reasons has the status code that is sent for each reason`() throws {
        var documented: [String: String] = [:]
        for row in readme.rows("Errors") where row.count == 3 {
            for reason in MarkdownDocument.code(in: row[0]) { documented[reason] = row[1] }
        }
        let reasons = try reasons()
        let text = try PackageTree.file("Sources/AuthService/Errors/RPCError+AuthError.swift").text
        var found = 0
        let calls = ["self.init(", "Answer("].flatMap {
            text.components(separating: $0).dropFirst()
        }
        for call in calls {
            let words = call.prefix { $0 != "\"" && $0 != ")" }.split(separator: ",")
                .map { $0.filter { $0 != "\n" }.trimmed }
            guard words.count >= 2, words[0].hasPrefix("."), words[1].hasPrefix("."),
                let reason = reasons[String(words[1].dropFirst())]
            else { continue }
            found += 1
            #expect(
                documented[reason] == ReadmeTests.upperSnake(words[0].dropFirst()), "\(reason)")
        }
        #expect(found > 20, "the table of codes was not found in the code")
    }

    @Test
    func `Every method of the proto is served and documented`() throws {
        let services = try PackageTree.file("Sources/AuthService/AuthServices.swift").text
        let rows = readme.rows("RPCs").flatMap { MarkdownDocument.code(in: $0[0]) }
        var methods: [String] = []
        for name in ["auth", "admin"] {
            let proto = try PackageTree.file("proto/authd/v1/\(name).proto").lines
            methods += proto.compactMap { line -> String? in
                let words = line.split { " (".contains($0) }
                return words.first == "rpc" ? String(words[1]) : nil
            }
        }
        #expect(methods.count >= 29)
        for method in methods {
            #expect(services.contains(method + "Handler("), "\(method)")
        }
        let documented = rows.filter { $0 != "Check" && $0 != "google.rpc.ErrorInfo" }
        #expect(Set(methods).isSubset(of: documented), "a method has no row under RPCs")
        #expect(documented.count { $0 == "DeleteUser" } == 2, "one for each service")
    }

    @Test
    func `The tables of authctl have its commands and its exit codes`() throws {
        let rows = readme.rows("authctl").filter { $0.count == 2 }
        let lines: [String] = rows.flatMap { MarkdownDocument.code(in: $0[0]) }
        let commands = Set(lines.map { $0.split(separator: " ").dropFirst().first ?? "" })
        var found: Set<Substring> = []
        for file in try PackageTree.swiftFiles("Sources/authctl/Commands") {
            for line in file.lines where line.hasPrefix("/// `authctl ") {
                let words = MarkdownDocument.code(in: line)[0].split(separator: " ")
                found.insert(words[1])
            }
        }
        #expect(found.count > 10)
        #expect(commands == found)
        let status = try PackageTree.file("Sources/authctl/Output/ExitStatus.swift")
        let codes = status.codeLines.map { $0.text.split(separator: " ") }
            .filter { $0.first == "case" }.compactMap { Int($0.last ?? "") }
        #expect(rows.compactMap { Int($0[0]) } == [0] + codes.sorted())
    }

    @Test
    func `Every script is listed in the Scripts section`() {
        let text = readme.section("Scripts").joined(separator: "\n")
        for path in PackageTree.paths(below: "scripts")
        where path.split(separator: "/").count == 2 {
            #expect(text.contains(path), "\(path)")
        }
    }

    /// `resourceExhausted` as `RESOURCE_EXHAUSTED`.
    private static func upperSnake(_ name: some StringProtocol) -> String {
        name.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }
}

extension String {
    /// What stands behind the last `marker`; empty when there is none.
    fileprivate func components(after marker: String) -> String {
        let parts = components(separating: marker)
        return parts.count > 1 ? parts[parts.count - 1] : ""
    }

    /// The parts between the places where `marker` stands.
    fileprivate func components(separating marker: String) -> [String] {
        split(separator: marker, omittingEmptySubsequences: false).map(String.init)
    }
}
