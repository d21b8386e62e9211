import Storage

/// A store that another program filled, with what none of ours would take.
struct ForeignStore: EntityStore {
    private let entities: [Entity]

    init(_ entities: [Entity]) {
        self.entities = entities
    }

    func get(partition: String, rows: [String]) async throws(StoreError) -> [Entity?] {
        find(rows.map { EntityKey(partition: partition, row: $0) })
    }

    func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        find(keys)
    }

    func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        throw .unavailable("nobody asks this")
    }

    func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        throw .unavailable("nobody may write to a source")
    }

    func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        EntityPage(entities: entities, next: nil)
    }

    func checkHealth() async throws(StoreError) {}

    func close() async {}

    private func find(_ keys: [EntityKey]) -> [Entity?] {
        keys.map { key in entities.first { $0.key == key } }
    }
}
