import Foundation
import SQLiteStore
import Storage
import Testing

/// `authctl admin restore`, with the built daemon where one is needed.
@Suite struct RestoreTests {
    private static let password = "violet-anchor-93-trumpet"
    private static let hash = "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK"

    private let fixture: CommandLineFixture
    private var state: String { fixture.home + "/state" }
    private var store: String { state + "/authd.sqlite" }
    private var kept: String { store + ".before-restore" }

    init() throws {
        fixture = try CommandLineFixture(startsDaemon: false)
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        _ = FileManager.default.createFile(
            atPath: fixture.home + "/daemon.env",
            contents: Data("AUTHD_STATE_DIR=\(state)\n".utf8),
            attributes: [.posixPermissions: 0o600])
    }

    private func restore(
        _ backup: String, _ options: [String] = []
    ) throws -> CommandLineFixture.Outcome {
        let file = fixture.home + "/daemon.env"
        return try fixture.run(["admin", "restore", backup, "--env-file", file] + options)
    }

    /// Adds accounts to the running daemon.
    private func add(_ numbers: Range<Int>) throws {
        let lines = numbers.map {
            #"{"email":"u\#($0)@example.com","password_hash":"\#(Self.hash)"}"#
        }
        let file = fixture.home + "/users.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
        let outcome = try fixture.run(["admin", "import", file])
        try #require(outcome.exitCode == 0, "\(outcome.errors)")
    }

    private func emails() throws -> Set<String> {
        let outcome = try fixture.run(["admin", "users", "--json", "--page-size", "1000"])
        try #require(outcome.exitCode == 0, "\(outcome.errors)")
        return Set(
            try outcome.output.split(separator: "\n").compactMap { line in
                let user = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return (user as? [String: Any])?["email"] as? String
            })
    }

    private func emails(_ numbers: Range<Int>) -> Set<String> {
        Set(numbers.map { "u\($0)@example.com" })
    }

    @Test(.timeLimit(.minutes(5)))
    func `After a crash a backup is restored whole, and so is the store it replaced`() throws {
        try fixture.startDaemon()
        try add(0..<50)
        #expect(try fixture.run(["admin", "backup", "b.sqlite"]).exitCode == 0)
        try add(50..<600)
        // The end empties the log, as a pause does: what is in it then is of the last accounts only.
        fixture.killDaemon(SIGTERM)
        try fixture.startDaemon()
        try add(600..<620)
        fixture.killDaemon()
        #expect(FileManager.default.fileExists(atPath: store + "-wal"))

        let outcome = try restore(state + "/backups/b.sqlite")
        #expect(outcome.exitCode == 0 && outcome.output.contains(kept), "\(outcome.errors)")
        let mode = try FileManager.default.attributesOfItem(atPath: store)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try fixture.startDaemon()
        #expect(try emails() == emails(0..<50))
        for email in emails(0..<50) {
            let login = try fixture.run(
                ["login", email, "--password-stdin"], input: Self.password + "\n")
            #expect(login.exitCode == 0, "\(email): \(login.errors)")
        }
        let refused = try restore(kept, ["--discard", "--yes"])
        #expect(refused.exitCode == 1 && refused.errors.contains("STORE_IN_USE"))
        fixture.killDaemon()

        let back = try restore(kept, ["--discard", "--yes"])
        #expect(back.exitCode == 0, "\(back.errors)")
        try fixture.startDaemon()
        #expect(try emails() == emails(0..<620))
        let names = try FileManager.default.contentsOfDirectory(atPath: state)
        #expect(!names.contains { $0.contains("partial") })
    }

    private func fill(_ path: String, _ rows: [String]) async throws {
        let store = try SQLiteStore(path: path)
        for row in rows {
            _ = try await store.transact(
                partition: "p", [.insert(EntityKey(partition: "p", row: row), [:])])
        }
        await store.close()
    }

    private func rows(_ path: String) async throws -> [String] {
        let store = try SQLiteStore(path: path)
        let entities = try await store.scan(after: nil, limit: 1_000).entities
        await store.close()
        return entities.map(\.key.row)
    }

    @Test func `A file that is not a usable backup is refused and leaves the store unchanged`()
        async throws
    {
        try await fill(store, ["old"])
        let before = try Data(contentsOf: URL(filePath: store))
        let backup = fixture.home + "/b.sqlite"
        try await fill(backup, ["new"])
        let whole = try Data(contentsOf: URL(filePath: backup))
        // The version of the schema, and the program's mark, in the header (bytes 60 and 68).
        var (newer, foreign) = (whole, whole)
        newer.replaceSubrange(60..<64, with: [0, 0, 1, 0])
        foreign.replaceSubrange(68..<72, with: [1, 2, 3, 4])
        let cases: [(Data, String)] = [
            (Data(), "is empty"), (Data("text, and no database".utf8), "not an intact"),
            (newer, "schema version"), (foreign, "another program"),
            (whole.prefix(whole.count / 2), "not an intact"),
        ]
        for (content, text) in cases {
            try content.write(to: URL(filePath: backup))
            let outcome = try restore(backup)
            #expect(outcome.exitCode == 2, "\(text): \(outcome.errors)")
            #expect(outcome.errors.contains(text), "\(text): \(outcome.errors)")
        }
        for path in [store, state, fixture.home + "/none"] {
            #expect(try restore(path).exitCode == 2)
        }
        // What looks like the rest of a copy that was killed is no backup, and is not removed as one.
        let partial = state + "/authd.sqlite.partial-0123456789abcdef"
        try whole.write(to: URL(filePath: partial))
        #expect(try restore(partial).errors.contains("is an unfinished copy"))
        try FileManager.default.removeItem(atPath: partial)
        #expect(try Data(contentsOf: URL(filePath: store)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["authd.sqlite"])
    }

    @Test func `A restore is refused while a process has the store open`() async throws {
        let backup = fixture.home + "/b.sqlite"
        try await fill(backup, ["new"])
        let open = try SQLiteStore(path: store)
        let refused = try restore(backup)
        #expect(refused.exitCode == 1 && refused.errors.contains("STORE_IN_USE"))
        await open.close()
        #expect(try restore(backup).exitCode == 0)
        #expect(try await rows(store) == ["new"])
    }

    @Test func `A replaced store is kept, and the kept one is overwritten only with --discard`()
        async throws
    {
        let backup = fixture.home + "/b.sqlite"
        try await fill(backup, ["new"])
        let dry = try restore(backup, ["--dry-run"])
        #expect(dry.exitCode == 0 && dry.output.contains("would restore 1"), "\(dry.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: state) == [])
        // Where there was none, none is kept.
        #expect(try restore(backup).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: kept))
        try await fill(store, ["first"])
        #expect(try restore(backup).exitCode == 0)
        #expect(try await rows(kept) == ["first", "new"])
        try await fill(store, ["second"])
        let refused = try restore(backup)
        #expect(refused.exitCode == 1 && refused.errors.contains("FILE_EXISTS"))
        #expect(try await rows(store) == ["new", "second"])
        #expect(try restore(backup, ["--discard", "--yes"]).exitCode == 0)
        #expect(try await rows(store) == ["new"])
        #expect(try await rows(kept) == ["first", "new"])
    }
}
