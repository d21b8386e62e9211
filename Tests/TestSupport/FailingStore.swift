package import Storage
import Synchronization

/// A store in front of another one that can stop taking writes.
package final class FailingStore: EntityStore {
    private let store: any EntityStore
    private let isFailing = Mutex(false)

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Makes transactions fail from now on, or work again.
    package func failsWrites(_ fails: Bool) {
        isFailing.withLock { $0 = fails }
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
        if isFailing.withLock({ $0 }) { throw .unavailable("the disk is full") }
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
