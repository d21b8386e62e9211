package import Storage
import Synchronization

/// A store in front of another one that lets something happen between a caller's read and its
/// write.
package final class HookedStore: EntityStore {
    private let store: any EntityStore
    private let hook = Mutex<(@Sendable () async -> Void)?>(nil)

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Runs `body` before the next transaction, once.
    package func beforeNextTransaction(_ body: @escaping @Sendable () async -> Void) {
        hook.withLock { $0 = body }
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
        let body = hook.withLock { hook in
            defer { hook = nil }
            return hook
        }
        await body?()
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
