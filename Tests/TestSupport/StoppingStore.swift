package import Storage
import Synchronization

/// A store in front of another one that stops working after some calls, as if the process had died
/// there: what a crash between two calls leaves behind.
package final class StoppingStore: EntityStore {
    private let store: any EntityStore
    private let callsLeft: Mutex<Int>

    /// - Parameters:
    ///   - store: what is left in it is what the crash leaves.
    ///   - callCount: so many calls are made, and then none.
    package init(_ store: any EntityStore, after callCount: Int) {
        self.store = store
        callsLeft = Mutex(callCount)
    }

    /// Whether a call was refused.
    package var hasStopped: Bool { callsLeft.withLock { $0 < 0 } }

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        try takeCall()
        return try await store.get(partition: partition, rows: rows)
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        try takeCall()
        return try await store.get(keys)
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        try takeCall()
        return try await store.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        try takeCall()
        return try await store.transact(partition: partition, operations)
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        try takeCall()
        return try await store.scan(filter, after: continuation, limit: limit)
    }

    package func checkHealth() async throws(StoreError) {
        try takeCall()
        try await store.checkHealth()
    }

    package func close() async {
        await store.close()
    }

    private func takeCall() throws(StoreError) {
        let isAllowed = callsLeft.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isAllowed else { throw .unavailable("stopped by the test") }
    }
}
