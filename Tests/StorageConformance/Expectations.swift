import Storage

/// - Throws: `ConformanceFailure` unless `condition` holds.
func expect(_ condition: Bool, _ demand: String) throws {
    guard condition else { throw ConformanceFailure(description: demand) }
}

/// - Throws: `ConformanceFailure` unless `body` throws exactly `expected`.
func expect(
    _ expected: StoreError, _ demand: String, from body: () async throws(StoreError) -> Void
) async throws {
    do {
        try await body()
    } catch {
        guard error == expected else {
            throw ConformanceFailure(description: "\(demand): \(error), not \(expected)")
        }
        return
    }
    throw ConformanceFailure(description: "\(demand): nothing was thrown")
}

/// - Throws: `ConformanceFailure` unless `body` throws `.corrupt`.
func expectCorrupt(
    _ demand: String, from body: () async throws(StoreError) -> Void
) async throws {
    do {
        try await body()
    } catch {
        guard case .corrupt = error else {
            throw ConformanceFailure(description: "\(demand): \(error), not .corrupt")
        }
        return
    }
    throw ConformanceFailure(description: "\(demand): nothing was thrown")
}

extension EntityStore {
    /// Inserts one entity and returns its version.
    @discardableResult
    func insert(
        _ key: EntityKey, _ properties: EntityProperties = [:]
    ) async throws(StoreError) -> ETag {
        try await transact(partition: key.partition, [.insert(key, properties)])[0] ?? ETag("")
    }

    /// Replaces one entity and returns its new version.
    @discardableResult
    func replace(
        _ key: EntityKey, _ properties: EntityProperties = [:], ifMatch etag: ETag
    ) async throws(StoreError) -> ETag {
        try await transact(
            partition: key.partition, [.replace(key, properties, ifMatch: etag)])[0] ?? ETag("")
    }

    /// Deletes one entity.
    func delete(_ key: EntityKey, ifMatch etag: ETag? = nil) async throws(StoreError) {
        _ = try await transact(partition: key.partition, [.delete(key, ifMatch: etag)])
    }

    /// The entity of `key`, which has to be there with a version.
    func existing(_ key: EntityKey) async throws -> (entity: Entity, etag: ETag) {
        guard let entity = try await get(key), let etag = entity.etag else {
            throw ConformanceFailure(description: "\(key.row) is missing or has no version")
        }
        return (entity, etag)
    }

    /// All pages of a scan, one after the other.
    func scanAll(_ filter: EntityFilter = .all, limit: Int) async throws -> [Entity] {
        var entities: [Entity] = []
        var continuation: EntityContinuation?
        repeat {
            let page = try await scan(filter, after: continuation, limit: limit)
            try expect(page.entities.count <= limit, "a page holds at most its limit")
            entities += page.entities
            continuation = page.next
        } while continuation != nil
        return entities
    }
}

extension EntityKey {
    /// A key in the partition that most cases use.
    init(_ row: String) {
        self.init(partition: "p", row: row)
    }
}
