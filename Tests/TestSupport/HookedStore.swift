package import Storage
import Synchronization

/// A store in front of another one that lets something happen between a caller's read and its
/// write.
package final class HookedStore: EntityStore {
    private let store: any EntityStore
    private let hook = Mutex<Hook?>(nil)

    private struct Hook: Sendable {
        var skipCount: Int
        let body: @Sendable () async -> Void
    }

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Runs `body` before the next transaction, once; `skipCount` others go before.
    package func beforeNextTransaction(
        skipping skipCount: Int = 0, _ body: @escaping @Sendable () async -> Void
    ) {
        hook.withLock { $0 = Hook(skipCount: skipCount, body: body) }
    }

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        try await store.get(partition: partition, rows: rows)
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        try await store.get(keys)
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        try await store.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        let due = hook.withLock { hook -> Hook? in
            guard var next = hook else { return nil }
            guard next.skipCount > 0 else {
                hook = nil
                return next
            }
            next.skipCount -= 1
            hook = next
            return nil
        }
        await due?.body()
        return try await store.transact(partition: partition, operations)
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        try await store.scan(filter, after: continuation, limit: limit)
    }

    package func checkHealth() async throws(StoreError) {
        try await store.checkHealth()
    }

    package func close() async {
        await store.close()
    }
}
