import Foundation
import SQLiteStore
import Storage
import TestSupport
import Testing

struct BackupTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let target: String

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(path: directory.path(of: "store.db"))
        target = directory.path(of: "backup.db")
    }

    private func insert(_ number: Int) async throws {
        let key = EntityKey(partition: "p\(number)", row: "r")
        _ = try await store.transact(partition: key.partition, [.insert(key, [:])])
    }

    @Test
    func `A backup made during writes is intact and has all writes acknowledged before it`()
        async throws
    {
        for number in 0..<50 { try await insert(number) }
        let writer = Task { for number in 50..<150 { try await insert(number) } }
        try await store.backup(to: target)
        try await writer.value
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.filter { $0.hasPrefix("backup") } == ["backup.db"], "nothing is left beside")
        let copy = try SQLiteStore(path: target)
        try await copy.checkIntegrity()
        let page = try await copy.scan(after: nil, limit: 1_000)
        #expect(page.entities.count >= 50)
        try await insert(150)
        await copy.close()
        await store.close()
    }

    @Test
    func `A backup removes the leftovers of killed backups and nothing else`() async throws {
        let left = "earlier.db.partial-0123456789abcdef"
        let others = ["earlier.db", "a.partial-1", "a.partial-0123456789abcdef.gz", "partial"]
        for name in [left, left + "-journal"] + others {
            try Data().write(to: URL(fileURLWithPath: directory.path(of: name)))
        }
        try await store.backup(to: target)
        await store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(names) == Set(others + ["store.db", "backup.db"]))
    }

    @Test
    func `A backup overwrites nothing, not even a dangling symbolic link`() async throws {
        try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
        await #expect(throws: StoreError.self) { try await store.backup(to: target) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("precious".utf8))
        try FileManager.default.removeItem(atPath: target)
        try FileManager.default.createSymbolicLink(
            atPath: target, withDestinationPath: directory.path(of: "elsewhere"))
        await #expect(throws: StoreError.self) { try await store.backup(to: target) }
        #expect(!FileManager.default.fileExists(atPath: directory.path(of: "elsewhere")))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!names.contains { $0.contains("partial") })
        await #expect(throws: StoreError.self) {
            try await store.backup(to: directory.path(of: "none/backup.db"))
        }
        await store.close()
    }
}
