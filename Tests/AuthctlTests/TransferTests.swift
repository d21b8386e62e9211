import Foundation
import SQLiteStore
import Storage
import Testing

/// `authctl admin import`, `export`, `stats` and `backup`, on a daemon of the same user.
@Suite struct TransferTests {
    private struct File: Decodable {
        struct Vector: Decodable {
            let password: String
            let hash: String
        }
        let hashes: [Vector]
    }

    /// Of "violet-anchor-93-trumpet", by bcrypt.
    private static let password = "violet-anchor-93-trumpet"
    private static let hash = "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK"

    private func json(_ text: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    private func line(_ members: [String: Any]) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: members, options: .withoutEscapingSlashes), as: UTF8.self)
    }

    private func write(_ lines: [String], _ fixture: CommandLineFixture) throws -> String {
        let path = fixture.home + "/users.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    private func vectors() throws -> [File.Vector] {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/foreign_hashes.json")
        return try JSONDecoder().decode(File.self, from: try Data(contentsOf: path)).hashes
    }

    /// Text of an even number of hexadecimal digits.
    private func text(_ hex: String) -> String {
        let digits = Array(hex.utf8)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `Imported hashes of bcrypt, argon2-cffi and passlib log their users in`() throws {
        let fixture = try CommandLineFixture()
        let vectors = try vectors()
        let file = try write(
            vectors.enumerated().map { number, vector in
                try line(["email": "u\(number)@example.com", "password_hash": vector.hash])
            }, fixture)
        let outcome = try fixture.run(["admin", "import", file, "--json"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(try json(outcome.output)["imported"] as? Int == vectors.count)
        #expect(!FileManager.default.fileExists(atPath: file + ".refused.jsonl"))
        for (number, vector) in vectors.enumerated() {
            let email = "u\(number)@example.com"
            let login = try fixture.run(
                ["login", email, "--password-stdin"], input: text(vector.password) + "\n")
            #expect(login.exitCode == 0, "\(vector.hash): \(login.errors)")
            let user = try json(fixture.run(["admin", "users", "show", email, "--json"]).output)
            let scheme = user["password_scheme"] as? String
            #expect(scheme == "bcrypt 4" || scheme == "bcrypt-sha256 4", "\(vector.hash)")
        }
        let again = try fixture.run(["admin", "import", file, "--json"])
        #expect(try json(again.output)["already_there"] as? Int == vectors.count)
    }

    @Test func `Refused lines are reported with number and reason but without secrets`()
        throws
    {
        let fixture = try CommandLineFixture()
        _ = try fixture.run(
            ["register", "taken@example.com", "--password-stdin"], input: Self.password + "\n")
        let weak = "$1$weak$hash-of-another-system"
        let bad: [(String, String)] = [
            (try line(["email": "taken@example.com", "password_hash": Self.hash]), "EMAIL_TAKEN"),
            (try line(["email": "nobody", "password_hash": Self.hash]), "EMAIL_INVALID"),
            (try line(["email": "a@example.com", "password_hash": weak]), "ARGUMENT_INVALID"),
            (try line(["email": "b@example.com"]), "LINE_INVALID"),
            (try line(["email": 1, "password_hash": Self.hash]), "LINE_INVALID"),
            (
                try line([
                    "email": "c@example.com", "password_hash": Self.hash, "disabeld": true,
                ]), "LINE_INVALID"
            ),
            (
                try line([
                    "email": "d@example.com", "password_hash": Self.hash,
                    "created_at": "yesterday",
                ]), "LINE_INVALID"
            ),
            (
                try line([
                    "email": "e@example.com", "password_hash": Self.hash, "totp_secret": "???",
                ]), "ARGUMENT_INVALID"
            ),
            ("[1, 2]", "LINE_INVALID"), ("{not json", "LINE_INVALID"),
            (String(repeating: "x", count: 300_000), "LINE_INVALID"),
            (
                try line(["email": "f\u{0}@example.com", "password_hash": Self.hash]),
                "LINE_INVALID"
            ),
            (try longestLine(), "REQUEST_TOO_LARGE"),
        ]
        var lines = bad.map(\.0)
        lines.insert(
            try line(["email": "good@example.com", "password_hash": Self.hash]), at: 5)
        lines.insert("", at: 3)
        let file = try write(lines, fixture)
        let report = fixture.home + "/report"
        let outcome = try fixture.run(["admin", "import", file, "--report", report, "--json"])
        #expect(outcome.exitCode == 1 && outcome.errors.contains("LINES_REFUSED"))
        let totals = try json(outcome.output)
        #expect(totals["imported"] as? Int == 1)
        #expect(totals["refused"] as? Int == bad.count)
        let content = try String(contentsOfFile: report, encoding: .utf8)
        #expect(!content.contains(Self.hash) && !content.contains(weak))
        var reasons: [Int: String] = [:]
        for entry in content.split(separator: "\n") {
            let entry = try json(String(entry))
            reasons[try #require(entry["line"] as? Int)] = entry["reason"] as? String
        }
        // Numbers are those of the file, where line 4 is empty and line 7 good.
        let numbers = [1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15]
        for (number, (_, reason)) in zip(numbers, bad) { #expect(reasons[number] == reason) }
        #expect(content.contains("a NUL character") && content.contains("65536 bytes"))
        let mode = try FileManager.default.attributesOfItem(atPath: report)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// As long as a line may be, and so longer than a request.
    private func longestLine() throws -> String {
        let members = ["email": "g@example.com", "password_hash": Self.hash, "totp_secret": ""]
        let rest = 65_536 - (try line(members)).utf8.count
        return try line(
            members.merging(["totp_secret": String(repeating: "A", count: rest)]) { $1 })
    }

    @Test func `A dry run stores nothing`() throws {
        let fixture = try CommandLineFixture()
        let file = try write(
            [try line(["email": "a@example.com", "password_hash": Self.hash])], fixture)
        let outcome = try fixture.run(["admin", "import", file, "--dry-run", "--json"])
        #expect(outcome.exitCode == 0)
        #expect(try json(outcome.output)["imported"] as? Int == 1)
        #expect(try fixture.run(["admin", "users", "show", "a@example.com"]).exitCode == 1)
    }

    @Test func `A killed import continues where it stopped when it is repeated`() throws {
        let fixture = try CommandLineFixture()
        let count = 3000
        let file = try write(
            try (0..<count).map { number in
                try line(["email": "u\(number)@example.com", "password_hash": Self.hash])
            }, fixture)
        let process = Process()
        process.executableURL = URL(filePath: CommandLineFixture.program("authctl"))
        process.arguments = ["admin", "import", file, "--in-flight", "2"]
        process.environment = ["AUTHD_SOCKET": "unix:\(fixture.home)/s", "HOME": fixture.home]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // As soon as something is there, and long before all is.
        let deadline = Date().addingTimeInterval(60)
        while try fixture.run(["admin", "users", "show", "u0@example.com"]).exitCode != 0 {
            try #require(Date() < deadline, "nothing was imported")
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let outcome = try fixture.run(["admin", "import", file, "--json", "--timeout", "60"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let totals = try json(outcome.output)
        let there = try #require(totals["already_there"] as? Int)
        let imported = try #require(totals["imported"] as? Int)
        #expect(there + imported == count && there > 0 && imported > 0)
        let emails = try fixture.run(["admin", "users", "--json", "--page-size", "1000"]).output
            .split(separator: "\n").map { try json(String($0))["email"] as? String ?? "" }
        #expect(emails.count == count)
        #expect(Set(emails) == Set((0..<count).map { "u\($0)@example.com" }))
    }

    @Test func `An export is private, and importing and exporting it again gives the same file`()
        throws
    {
        let fixture = try CommandLineFixture()
        let file = try write(
            [
                try line([
                    "email": "a@example.com", "password_hash": Self.hash, "disabled": true,
                    "created_at": "2024-02-29T12:34:56.789012Z",
                ]),
                try line([
                    "email": "b@example.com", "password_hash": Self.hash,
                    "totp_secret": "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp",
                ]),
            ], fixture)
        #expect(try fixture.run(["admin", "import", file]).exitCode == 0)
        _ = try fixture.run(
            ["register", "c@example.com", "--password-stdin"], input: Self.password + "\n")
        _ = try fixture.run(
            ["login", "c@example.com", "--password-stdin"], input: Self.password + "\n")
        let first = fixture.home + "/first.jsonl"
        #expect(try fixture.run(["admin", "export", first]).exitCode == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: first)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let content = try String(contentsOfFile: first, encoding: .utf8)
        #expect(!content.uppercased().contains("JBSWY3DPEHPK3PXP"))
        #expect(content.contains("\"created_at\":\"2024-02-29T12:34:56.789012Z\""))
        #expect(try fixture.run(["admin", "export", first]).exitCode == 2)
        for email in ["a@example.com", "b@example.com", "c@example.com"] {
            #expect(
                try fixture.run(["admin", "users", "delete", email, "--yes"]).exitCode == 0)
        }
        let back = try fixture.run(["admin", "import", first])
        #expect(back.exitCode == 0, "\(back.errors)")
        let second = fixture.home + "/second.jsonl"
        #expect(try fixture.run(["admin", "export", second]).exitCode == 0)
        #expect(try String(contentsOfFile: second, encoding: .utf8) == content)
        let login = try fixture.run(
            ["login", "c@example.com", "--password-stdin"], input: Self.password + "\n")
        #expect(login.exitCode == 0)
    }

    @Test func `A backup is a private file in the state directory and never overwrites another`()
        throws
    {
        let fixture = try CommandLineFixture()
        _ = try fixture.run(
            ["register", "a@example.com", "--password-stdin"], input: Self.password + "\n")
        let path = fixture.home + "/state/backups/first.sqlite"
        let outcome = try fixture.run(["admin", "backup", "first.sqlite", "--json"])
        #expect(try json(outcome.output)["path"] as? String == path, "\(outcome.errors)")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try Data(contentsOf: URL(filePath: path)).starts(with: Data("SQLite".utf8)))
        let again = try fixture.run(["admin", "backup", "first.sqlite"])
        #expect(again.exitCode == 1 && again.errors.contains("BACKUP_FAILED"))
        for name in ["../x", "a/b", ".hidden", "", String(repeating: "a", count: 101)] {
            let refused = try fixture.run(["admin", "backup", "--", name])
            #expect(refused.exitCode == 1 && refused.errors.contains("ARGUMENT_INVALID"))
        }
        let dated = try fixture.run(["admin", "backup"])
        #expect(dated.output.contains("/state/backups/authd-20"))
    }

    @Test func `admin stats shows the statistics of the daemon`() throws {
        let fixture = try CommandLineFixture()
        let stats = try json(fixture.run(["admin", "stats", "--json"]).output)
        #expect(stats["store"] as? String == "sqlite")
        #expect(stats["version"] as? String == "0.1.0")
        #expect((stats["requests_total"] as? Int ?? 0) > 0)
        #expect((stats["connections"] as? Int ?? 0) > 0)
        #expect(try fixture.run(["admin", "stats"]).output.contains("hashes at once"))
    }

    @Test func `An export that lacks an unreadable account says so and fails`() async throws {
        let fixture = try CommandLineFixture()
        for email in ["ada@example.com", "grace@example.com"] {
            _ = try fixture.run(
                ["register", email, "--password-stdin"], input: Self.password + "\n")
        }
        fixture.killDaemon(SIGTERM)
        let store = try SQLiteStore(path: fixture.home + "/state/authd.sqlite")
        let account = try #require(
            try await store.scan(after: nil, limit: 100).entities.first {
                $0.properties["email"] == .string("ada@example.com")
            })
        var properties = account.properties
        properties["v"] = .int64(2)
        _ = try await store.transact(
            partition: account.key.partition,
            [.replace(account.key, properties, ifMatch: try #require(account.etag))])
        await store.close()
        try fixture.startDaemon()
        let file = fixture.home + "/export.jsonl"
        let outcome = try fixture.run(["admin", "export", file])
        #expect(outcome.exitCode == 4)
        #expect(outcome.errors.contains("ACCOUNTS_UNREADABLE"), "\(outcome.errors)")
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains("grace@example.com"))
        let log = try String(contentsOfFile: fixture.log, encoding: .utf8)
        #expect(log.contains(account.key.partition) && !log.contains("ada@example.com"))
        let users = try fixture.run(["admin", "users"])
        #expect(users.exitCode == 0 && users.output.contains("grace@example.com"))
        let deleted = try fixture.run(["admin", "users", "delete", "ada@example.com", "--yes"])
        #expect(deleted.exitCode == 0)
        #expect(try fixture.run(["admin", "export", file + "2"]).exitCode == 0)
    }
}
