import Storage
import Synchronization

/// A store whose reads of several partitions are of several moments, as the contract allows:
/// something happens behind the first key.
final class TornReadStore: EntityStore {
    private let store: any EntityStore
    private let hook = Mutex<(@Sendable () async -> Void)?>(nil)

    init(_ store: any EntityStore) {
        self.store = store
    }

    /// Runs `body` in the next read of several keys, once.
    func betweenKeys(_ body: @escaping @Sendable () async -> Void) {
        hook.withLock { $0 = body }
    }

    func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        var entities: [Entity?] = []
        for key in keys {
            entities.append(try await store.get(key))
            guard keys.count > 1 else { continue }
            let body = hook.withLock { hook in
                defer { hook = nil }
                return hook
            }
            await body?()
        }
        return entities
    }

    func get(partition: String, rows: [String]) async throws(StoreError) -> [Entity?] {
        try await store.get(partition: partition, rows: rows)
    }

    func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        try await store.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
    }

    func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        try await store.transact(partition: partition, operations)
    }

    func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        try await store.scan(filter, after: continuation, limit: limit)
    }

    func checkHealth() async throws(StoreError) {
        try await store.checkHealth()
    }

    func close() async {
        await store.close()
    }
}
