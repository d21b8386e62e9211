import Foundation
import SQLiteStore
import Storage
import Testing

/// The commands that open stores themselves, on SQLite files.
@Suite struct OfflineCommandTests {
    private static let hash =
        "JDJiJDEyJGV1OFlNZFhoZWVoYWVYdmZka0VPek9mTm9QdnovTXhGU2YzS1FnY2V5SGp1cW9oeE1RVVlt"

    /// A home with the settings of a daemon that does not run, and a store of its own.
    private struct Home {
        let fixture: CommandLineFixture
        var environmentFile: String { fixture.home + "/daemon.env" }
        var store: String { fixture.home + "/state/authd.sqlite" }

        init() throws {
            fixture = try CommandLineFixture(startsDaemon: false)
            try FileManager.default.createDirectory(
                atPath: fixture.home + "/state", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            _ = FileManager.default.createFile(
                atPath: environmentFile,
                contents: Data("AUTHD_STATE_DIR=\(fixture.home)/state\n".utf8),
                attributes: [.posixPermissions: 0o600])
        }

        func fill(_ keys: [EntityKey]) async throws {
            let store = try SQLiteStore(path: store)
            for key in keys {
                _ = try await store.transact(
                    partition: key.partition,
                    [.insert(key, ["password_hash": .string(OfflineCommandTests.hash)])])
            }
            await store.close()
        }

        func run(_ arguments: [String]) throws -> CommandLineFixture.Outcome {
            try fixture.run(["admin"] + arguments + ["--env-file", environmentFile])
        }

        func content(
            _ path: String? = nil
        ) async throws -> [EntityKey: EntityProperties] {
            let store = try SQLiteStore(path: path ?? store)
            let entities = try await store.scan(after: nil, limit: 1_000).entities
            await store.close()
            return Dictionary(uniqueKeysWithValues: entities.map { ($0.key, $0.properties) })
        }
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static func users(_ count: Int) -> [EntityKey] {
        (0..<count).map { EntityKey(partition: "Users", row: "user\($0)@example.com") }
    }

    @Test func `migrate moves the rows of the old table, and a dry run moves none`()
        async throws
    {
        let home = try Home()
        try await home.fill(Self.users(230))
        let dry = try home.run(["migrate", "--dry-run", "--json"])
        #expect(dry.exitCode == 0, "\(dry.errors)")
        #expect(try json(dry.output)["moved"] as? Int == 230)
        #expect(try await home.content().keys.allSatisfy { $0.partition == "Users" })
        let wet = try home.run(["migrate"])
        #expect(wet.exitCode == 0, "\(wet.errors)")
        #expect(wet.output.contains("230"))
        let content = try await home.content()
        #expect(content.count == 230)
        #expect(content.keys.allSatisfy { $0.partition.hasPrefix("u_") && $0.row == "account" })
        let again = try home.run(["migrate", "--json"])
        #expect(try json(again.output)["rows"] as? Int == 0)
    }

    @Test func `migrate lists the rows it leaves in place and exits with code 1`()
        async throws
    {
        let home = try Home()
        let bad = EntityKey(partition: "Users", row: "no-address")
        try await home.fill(Self.users(2) + [bad])
        let outcome = try home.run(["migrate", "--json"])
        #expect(outcome.exitCode == 1)
        let left = try #require(try json(outcome.output)["left"] as? [[String: String]])
        #expect(left == [["row": "no-address", "reason": "EMAIL_INVALID"]])
        #expect(outcome.errors.contains("ROWS_LEFT"))
        #expect(try await home.content()[bad] != nil)
    }

    @Test func `copy moves a store to another file and back`() async throws {
        let home = try Home()
        try await home.fill(Self.users(120))
        _ = try home.run(["migrate"])
        let there = home.fixture.home + "/there.sqlite"
        let back = home.fixture.home + "/back.sqlite"
        let dry = try home.run(["copy", "--from", "sqlite", "--to", "sqlite:\(there)", "--dry-run"])
        #expect(dry.exitCode == 0 && dry.output.contains("would copy 120"), "\(dry.errors)")
        #expect(!FileManager.default.fileExists(atPath: there))
        for (from, to) in [("sqlite", "sqlite:\(there)"), ("sqlite:\(there)", "sqlite:\(back)")] {
            let outcome = try home.run(["copy", "--from", from, "--to", to, "--json"])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect(try json(outcome.output)["entities"] as? Int == 120)
        }
        #expect(try await home.content(back) == home.content())
        let over = try home.run(["copy", "--from", "sqlite", "--to", "sqlite:\(back)"])
        #expect(over.exitCode == 1 && over.errors.contains("TARGET_NOT_EMPTY"))
    }

    @Test func `copy refuses an unknown, identical or missing store`() throws {
        let home = try Home()
        let nowhere = "sqlite:" + home.fixture.home + "/nowhere.sqlite"
        for (from, to, reason) in [
            ("memory", "sqlite", "STORE_UNKNOWN"), ("sqlite", "sqlite:", "STORE_UNKNOWN"),
            ("azure:no_table", "sqlite", "STORE_UNKNOWN"), ("sqlite", "sqlite", "SAME_STORE"),
            (nowhere, "sqlite", "NO_STORE"),
        ] {
            let outcome = try home.run(["copy", "--from", from, "--to", to])
            #expect(outcome.exitCode == 2 && outcome.errors.contains(reason), "\(from) \(to)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func `Run as root, offline commands refuse and name the user to run as`() async throws {
        let home = try Home()
        try await home.fill(Self.users(1))
        for path in [home.store, home.environmentFile] {
            #expect(chown(path, 54_321, 54_321) == 0)
        }
        for command in [["migrate"], ["restore", "/nonexistent"]] {
            let outcome = try home.run(command)
            #expect(outcome.exitCode == 2 && outcome.errors.contains("WRONG_USER"))
            #expect(outcome.errors.contains("sudo -u '#54321'"), "\(outcome.errors)")
        }
    }

    @Test func `copy warns how many users are still rows of the old application`() async throws {
        let home = try Home()
        try await home.fill(Self.users(3))
        let there = "sqlite:" + home.fixture.home + "/there.sqlite"
        for option in ["--dry-run", "--json"] {
            let outcome = try home.run(["copy", "--from", "sqlite", "--to", there, option])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("3 users are still rows of the old application"))
            #expect(outcome.errors.contains("AUTHD_OLD_TABLE=on"))
            guard option == "--json" else { continue }
            #expect(try json(outcome.output)["old_rows"] as? Int == 3)
        }
        _ = try home.run(["migrate"])
        let next = "sqlite:" + home.fixture.home + "/next.sqlite"
        let outcome = try home.run(["copy", "--from", "sqlite", "--to", next])
        #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    }
}
