package import Storage
import Synchronization

/// A store in front of another one that can't read some rows, as after damage to a file: they can be
/// removed, and written over, but nobody knows what is in them.
package final class DamagedStore: ForwardingStore {
    package let store: any EntityStore
    private let damaged = Mutex<Set<EntityKey>>([])

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Makes a row unreadable from now on.
    package func damage(_ key: EntityKey) {
        damaged.withLock { _ = $0.insert(key) }
    }

    private func isDamaged(_ key: EntityKey) -> Bool { damaged.withLock { $0.contains(key) } }

    private func checked(_ entities: [Entity?]) throws(StoreError) -> [Entity?] {
        guard !entities.contains(where: { $0.map { isDamaged($0.key) } ?? false }) else {
            throw .corrupt("a row is damaged")
        }
        return entities
    }

    package func get(partition: String, rows: [String]) async throws(StoreError) -> [Entity?] {
        try checked(try await store.get(partition: partition, rows: rows))
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        try checked(try await store.get(keys))
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        let found = try await store.query(
            partition: partition, rowPrefix: rowPrefix, limit: limit)
        _ = try checked(found)
        return found
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        let etags = try await store.transact(partition: partition, operations)
        damaged.withLock { damaged in
            for operation in operations { damaged.remove(operation.key) }
        }
        return etags
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        var page = try await store.scan(filter, after: continuation, limit: limit)
        let lost = page.entities.filter { isDamaged($0.key) }
        page.entities.removeAll { isDamaged($0.key) }
        page.unreadable = lost.map { UnreadableEntity(key: $0.key, reason: "it is damaged") }
        return page
    }
}
