import Foundation
import GRDB
import SQLiteStore
import Storage
import TestSupport
import Testing

/// What is done to the file, and what the store says to it.
struct SQLiteFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path(of: "store.db")
    }

    private let key = EntityKey(partition: "p", row: "r")

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    private func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Makes a store with one entity and closes it.
    private func makeStore() async throws {
        let store = try SQLiteStore(path: path)
        _ = try await store.transact(partition: "p", [.insert(key, ["v": .int64(1)])])
        await store.close()
    }

    /// The text of the refusal to open.
    private func refusal() throws -> StoreError {
        try #require(throws: StoreError.self) { try SQLiteStore(path: path) }
    }

    private func expectRefusal(naming words: String) throws {
        guard case .unavailable(let text) = try refusal() else {
            Issue.record("not .unavailable")
            return
        }
        #expect(text.contains(words) && text.contains(directory.path), "\(text)")
    }

    @Test
    func `A reopened store has everything that was written`() async throws {
        try await makeStore()
        let store = try SQLiteStore(path: path)
        #expect(try await store.get(key)?.properties == ["v": .int64(1)])
        await store.close()
    }

    @Test
    func `The file and its companions are accessible to the owner only`() async throws {
        let store = try SQLiteStore(path: path)
        _ = try await store.transact(partition: "p", [.insert(key, [:])])
        for suffix in ["", "-wal", "-shm"] {
            #expect(try mode(path + suffix) == 0o600, "\(suffix)")
        }
        await store.close()
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o666, 0o610])
    func `A file that others can reach is refused`(_ mode: Int) async throws {
        try await makeStore()
        try setMode(mode, of: path)
        try expectRefusal(naming: "chmod it to 0600")
    }

    @Test(arguments: ["-wal", "-shm", "-journal"])
    func `A companion that others can reach is refused`(_ suffix: String) async throws {
        try await makeStore()
        try Data().write(to: URL(fileURLWithPath: path + suffix))
        try setMode(0o644, of: path + suffix)
        try expectRefusal(naming: suffix)
    }

    @Test(arguments: [0o777, 0o770, 0o1777, 0o702])
    func `A directory that others can write to is refused`(_ mode: Int) throws {
        try setMode(mode, of: directory.path)
        try expectRefusal(naming: "chmod it to 0700")
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test
    func `A directory, a symbolic link and an invalid or missing path are refused`() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try expectRefusal(naming: "is a directory")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: directory.path(of: "other"))
        try expectRefusal(naming: "is a symbolic link")
        let missing = directory.path(of: "none/store.db")
        #expect(throws: StoreError.self) { try SQLiteStore(path: missing) }
        for path in ["", "/", ".", "..", directory.path + "/", "a\0b", ":memory:/x"] {
            #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
        }
    }

    @Test
    func `A file that is not a database is reported as corrupt`() throws {
        try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: path))
        try setMode(0o600, of: path)
        guard case .corrupt(let text) = try refusal() else {
            Issue.record("not .corrupt")
            return
        }
        #expect(text.contains(path) && text.contains("backup"))
    }

    @Test
    func `A newer schema and another program's file are refused, and left as they are`()
        async throws
    {
        try await makeStore()
        for pragma in ["user_version = 99", "application_id = 7"] {
            try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "PRAGMA \(pragma)") }
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let isNewer = pragma.hasPrefix("user")
            try expectRefusal(naming: isNewer ? "newer program" : "another program")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test
    func `A database without our application id is refused`() throws {
        try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "CREATE TABLE t (x)") }
        try setMode(0o600, of: path)
        try expectRefusal(naming: "another program")
    }

    @Test
    func `A store whose file was moved or replaced refuses writes until it is back`()
        async throws
    {
        let store = try SQLiteStore(path: path)
        try await store.checkHealth()
        func insert(_ row: String) async throws {
            let key = EntityKey(partition: "p", row: row)
            _ = try await store.transact(partition: "p", [.insert(key, [:])])
        }
        try await insert("a")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
        await #expect(throws: StoreError.self) { try await store.checkHealth() }
        await #expect(throws: StoreError.self) { try await insert("b") }
        try Data().write(to: URL(fileURLWithPath: path))
        await #expect(throws: StoreError.self) { try await store.checkHealth() }
        await #expect(throws: StoreError.self) { try await insert("c") }
        // Back in its place it goes on, with what was acknowledged and nothing else.
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".moved", toPath: path)
        try await insert("d")
        let rows = try await store.query(partition: "p", rowPrefix: "", limit: 10).map(\.key.row)
        #expect(rows == ["a", "d"])
        await store.close()
    }

    @Test(arguments: [1, 64])
    func `Deleted data leaves the write-ahead log although others keep writing`(
        writers: Int
    ) async throws {
        var options = SQLiteStoreOptions()
        options.logTruncationDelay = .seconds(3600)
        options.logAgeMax = .milliseconds(50)
        let store = try SQLiteStore(path: path, options: options)
        let secret = "SECRET-" + String(repeating: "s", count: 400)
        let key = EntityKey(partition: "p", row: "r")
        _ = try await store.transact(partition: "p", [.insert(key, ["v": .string(secret)])])
        _ = try await store.transact(partition: "p", [.delete(key, ifMatch: nil)])
        let log = URL(fileURLWithPath: path + "-wal")
        let deadline = ContinuousClock.now + .seconds(20)
        let hasLeft = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<writers {
                group.addTask {
                    while !Task.isCancelled {
                        let other = EntityKey(partition: "q", row: UUID().uuidString)
                        _ = try await store.transact(partition: "q", [.insert(other, [:])])
                    }
                    return false
                }
            }
            group.addTask {
                var longest = 0
                while ContinuousClock.now < deadline {
                    let bytes = try Data(contentsOf: log)
                    // Emptied: a log that starts over from its beginning keeps its length.
                    let isShorter = bytes.count < longest
                    if isShorter, bytes.range(of: Data(secret.utf8)) == nil { return true }
                    longest = max(longest, bytes.count)
                    await Task.yield()
                }
                return false
            }
            let first = try await group.next()
            group.cancelAll()
            while await group.nextResult() != nil {}
            return first ?? false
        }
        #expect(hasLeft)
        await store.close()
    }

    @Test
    func `Deleted and replaced data leave no trace in the file or the write-ahead log`()
        async throws
    {
        var options = SQLiteStoreOptions()
        options.logTruncationDelay = .zero
        let store = try SQLiteStore(path: path, options: options)
        let secrets = (0..<60).map { "SECRET-\($0)-" + String(repeating: "s", count: $0 * 90) }
        for (index, secret) in secrets.enumerated() {
            let key = EntityKey(partition: "p\(index)", row: "r")
            _ = try await store.transact(
                partition: key.partition, [.insert(key, ["v": .string(secret)])])
        }
        for index in secrets.indices {
            let key = EntityKey(partition: "p\(index)", row: "r")
            let etag = try #require(try await store.get(key)?.etag)
            let write: EntityOperation =
                index.isMultiple(of: 2)
                ? .delete(key, ifMatch: nil) : .replace(key, ["v": .string("")], ifMatch: etag)
            _ = try await store.transact(partition: key.partition, [write])
        }
        let log = URL(fileURLWithPath: path + "-wal")
        let deadline = ContinuousClock.now + .seconds(20)
        while try !Data(contentsOf: log).isEmpty, ContinuousClock.now < deadline {
            await Task.yield()
        }
        #expect(try Data(contentsOf: log).isEmpty, "the log is emptied after the last write")
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(file.range(of: Data("SECRET".utf8)) == nil)
        await store.close()
    }
}
