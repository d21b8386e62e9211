package import Storage
import Synchronization

/// A store in front of another one that counts the calls: the round trips of an operation.
package final class CountingStore: EntityStore {
    private let store: any EntityStore
    private let calls = Mutex<[Call]>([])

    /// What was asked of the store.
    package enum Call: Sendable, Equatable {
        case get, query, transact, scan, health
    }

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// How many calls were made since the last `calls`.
    package var callCount: Int { calls.withLock { $0.count } }

    /// Runs `body` and gives back the calls that were made meanwhile, in their order.
    package func calls(_ body: () async throws -> Void) async rethrows -> [Call] {
        calls.withLock { $0 = [] }
        try await body()
        return calls.withLock { $0 }
    }

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        count(.get)
        return try await store.get(partition: partition, rows: rows)
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        count(.get)
        return try await store.get(keys)
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        count(.query)
        return try await store.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        count(.transact)
        return try await store.transact(partition: partition, operations)
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        count(.scan)
        return try await store.scan(filter, after: continuation, limit: limit)
    }

    package func checkHealth() async throws(StoreError) {
        count(.health)
        try await store.checkHealth()
    }

    package func close() async {
        await store.close()
    }

    private func count(_ call: Call) {
        calls.withLock { $0.append(call) }
    }
}
