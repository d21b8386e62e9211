package import Storage

/// A store in front of another one: every call goes on to it, after `before`. What conforms
/// implements what it is about, and `store`.
package protocol ForwardingStore: EntityStore {
    /// Where the calls go.
    var store: any EntityStore { get }

    /// Is called before each call goes on; when it throws, the call does not.
    func before(_ call: StoreCall) async throws(StoreError)
}

/// What is asked of a store.
package enum StoreCall: Sendable, Equatable {
    case get, query, transact, scan, health
}

extension ForwardingStore {
    package func before(_ call: StoreCall) async throws(StoreError) {}

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        try await before(.get)
        return try await store.get(partition: partition, rows: rows)
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        try await before(.get)
        return try await store.get(keys)
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        try await before(.query)
        return try await store.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        try await before(.transact)
        return try await store.transact(partition: partition, operations)
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        try await before(.scan)
        return try await store.scan(filter, after: continuation, limit: limit)
    }

    package func checkHealth() async throws(StoreError) {
        try await before(.health)
        try await store.checkHealth()
    }

    package func close() async {
        await store.close()
    }
}
