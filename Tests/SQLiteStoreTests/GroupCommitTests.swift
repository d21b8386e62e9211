import Foundation
import GRDB
import SQLiteStore
import Storage
import TestSupport
import Testing

struct GroupCommitTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path(of: "store.db")
    }

    private func insert(_ number: Int, into store: SQLiteStore) async throws(StoreError) {
        let key = EntityKey(partition: "p\(number)", row: "r")
        _ = try await store.transact(partition: key.partition, [.insert(key, [:])])
    }

    /// Holds the write lock of the file, so that the writer waits, until `release` is called.
    private func holdLock() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: path, configuration: configuration)
        try holder.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return holder
    }

    private func release(_ holder: DatabaseQueue) throws {
        try holder.inDatabase { try $0.execute(sql: "ROLLBACK") }
    }

    /// Opens the store and has its writer wait for the lock with the insert of entity `number` in
    /// hand: all that is written then, until `release`, waits together.
    private func storeAtWork(
        on number: Int, waitingTransactionsMax: Int = 1_000
    ) async throws -> (store: SQLiteStore, holder: DatabaseQueue, first: Task<Void, any Error>) {
        var options = SQLiteStoreOptions()
        options.waitingTransactionsMax = waitingTransactionsMax
        // Longer than any machine is busy: the lock is released by the test.
        options.lockMillisecondsMax = 60_000
        let store = try SQLiteStore(path: path, options: options)
        let holder = try holdLock()
        let first = Task { try await insert(number, into: store) }
        while !store.isWriting { await Task.yield() }
        return (store, holder, first)
    }

    @Test
    func `Callers that wait together share a commit`() async throws {
        let (store, holder, first) = try await storeAtWork(on: 0)
        try await withThrowingTaskGroup { group in
            for number in 1...64 {
                group.addTask { try await insert(number, into: store) }
            }
            while store.waitingCount < 64 { await Task.yield() }
            try release(holder)
            try await group.waitForAll()
        }
        try await first.value
        #expect(store.transactionCount == 65)
        #expect(store.commitCount == 2, "one for the first, one for those that waited meanwhile")
        await store.close()
    }

    @Test
    func `A failed transaction leaves the others of its batch alone`() async throws {
        let (store, holder, first) = try await storeAtWork(on: 0)
        let results = try await withThrowingTaskGroup(of: (Int, StoreError?).self) { group in
            for number in 0..<20 {
                group.addTask {
                    do throws(StoreError) {
                        // Those of even numbers meet the row that the first has written.
                        try await insert(number.isMultiple(of: 2) ? 0 : number, into: store)
                        return (number, nil)
                    } catch {
                        return (number, error)
                    }
                }
            }
            while store.waitingCount < 20 { await Task.yield() }
            try release(holder)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await first.value
        for (number, error) in results {
            let expected = number.isMultiple(of: 2) ? StoreError.alreadyExists(index: 0) : nil
            #expect(error == expected, "\(number)")
        }
        #expect(store.transactionCount == 11 && store.commitCount == 2)
        await store.close()
    }

    @Test
    func `A full queue refuses at once, and a cancelled transaction leaves it`() async throws {
        let (store, holder, first) = try await storeAtWork(on: 0, waitingTransactionsMax: 2)
        let waiting = (1...2).map { number in Task { try await insert(number, into: store) } }
        while store.waitingCount < 2 { await Task.yield() }
        await #expect(throws: StoreError.unavailable("\(path): the write queue is full")) {
            try await insert(3, into: store)
        }
        waiting[0].cancel()
        let cancelled = await waiting[0].result
        #expect(throws: StoreError.cancelled) { try cancelled.get() }
        #expect(store.waitingCount == 1)
        let late = Task { try await insert(4, into: store) }
        while store.waitingCount < 2 { await Task.yield() }
        try release(holder)
        for task in [first, waiting[1], late] { try await task.value }
        let page = try await store.scan(after: nil, limit: 10)
        #expect(page.entities.map(\.key.partition) == ["p0", "p2", "p4"])
        await store.close()
    }

    @Test
    func `A task that is already cancelled writes nothing`() async throws {
        let store = try SQLiteStore(path: path)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await insert(0, into: store)
        }
        await #expect(throws: StoreError.cancelled) { try await task.value }
        #expect(try await store.scan(after: nil, limit: 1).entities.isEmpty)
        await store.close()
    }

    @Test
    func `While another process holds the lock, inserts are refused and write nothing`()
        async throws
    {
        var options = SQLiteStoreOptions()
        options.lockMillisecondsMax = 50
        let store = try SQLiteStore(path: path, options: options)
        let holder = try holdLock()
        for number in 0..<2 {
            let error = await #expect(throws: StoreError.self) {
                try await insert(number, into: store)
            }
            guard case .unavailable(let text) = error else {
                Issue.record("not .unavailable")
                continue
            }
            #expect(text.contains("another process"))
        }
        try release(holder)
        #expect(try await store.scan(after: nil, limit: 1).entities.isEmpty)
        try await insert(0, into: store)
        await store.close()
    }

    @Test
    func `A full file refuses inserts, keeps its data and accepts deletes`() async throws {
        var options = SQLiteStoreOptions()
        options.fileBytesMax = 40 * 4_096
        let store = try SQLiteStore(path: path, options: options)
        let value = EntityProperty.binary(Array(repeating: 1, count: 20_000))
        var written: [EntityKey] = []
        var refusal: StoreError?
        while refusal == nil, written.count < 100 {
            let key = EntityKey(partition: "p\(written.count)", row: "r")
            do throws(StoreError) {
                _ = try await store.transact(
                    partition: key.partition, [.insert(key, ["v": value])])
                written.append(key)
            } catch { refusal = error }
        }
        guard case .unavailable(let text) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(text.contains("full"))
        for key in written { #expect(try await store.get(key)?.properties == ["v": value]) }
        _ = try await store.transact(
            partition: written[0].partition, [.delete(written[0], ifMatch: nil)])
        _ = try await store.transact(
            partition: written[0].partition, [.insert(written[0], ["v": value])])
        await store.close()
    }

    @Test
    func `Two stores on one file see each other's writes and keep every condition`() async throws {
        let stores = [try SQLiteStore(path: path), try SQLiteStore(path: path)]
        let key = EntityKey(partition: "p", row: "r")
        _ = try await stores[0].transact(partition: "p", [.insert(key, ["n": .int64(0)])])
        try await withThrowingTaskGroup { group in
            for caller in 0..<16 {
                group.addTask { try await increment(key, in: stores[caller % 2]) }
            }
            try await group.waitForAll()
        }
        for store in stores {
            #expect(try await store.get(key)?.properties == ["n": .int64(16)])
            await store.close()
        }
    }

    @Test
    func `Updates of one row that wait together share a commit and all succeed`()
        async throws
    {
        let key = EntityKey(partition: "p", row: "r")
        let (store, holder, first) = try await storeAtWork(on: 0)
        let inserted = Task {
            try await store.transact(partition: "p", [.insert(key, ["n": .int64(0)])])
        }
        while store.waitingCount < 1 { await Task.yield() }
        try await withThrowingTaskGroup { group in
            for _ in 1...64 {
                group.addTask {
                    try await store.update(partition: "p", rows: ["r"]) { entities in
                        guard let entity = entities[0], let etag = entity.etag,
                            case .int64(let number) = entity.properties["n"]
                        else { return [] }
                        return [.replace(key, ["n": .int64(number + 1)], ifMatch: etag)]
                    }
                }
            }
            while store.waitingCount < 65 { await Task.yield() }
            try release(holder)
            try await group.waitForAll()
        }
        try await first.value
        _ = try await inserted.value
        #expect(try await store.get(key)?.properties == ["n": .int64(64)])
        #expect(store.commitCount == 2)
        await store.close()
    }

    private func increment(_ key: EntityKey, in store: SQLiteStore) async throws {
        while true {
            let entity = try #require(try await store.get(key))
            let etag = try #require(entity.etag)
            guard case .int64(let number) = entity.properties["n"] else { return }
            do throws(StoreError) {
                _ = try await store.transact(
                    partition: key.partition,
                    [.replace(key, ["n": .int64(number + 1)], ifMatch: etag)])
                return
            } catch .versionMismatch {
                continue
            }
        }
    }
}
