import HTTPClient
package import Storage

extension AzureTableStore {
    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(partition: partition, rows: rows) {
            throw .corrupt(violation)
        }
        let keys = rows.map { EntityKey(partition: partition, row: $0) }
        let found = try await entities(partition, Set(keys))
        return keys.map { found[$0] }
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(keys: keys) { throw .corrupt(violation) }
        let wanted = Dictionary(grouping: Set(keys)) { ByteKey($0.partition) }.values
        let results = await withTaskGroup(
            of: Result<[EntityKey: Entity], StoreError>.self
        ) { group in
            for keys in wanted {
                group.addTask {
                    do throws(StoreError) {
                        return .success(try await self.entities(keys[0].partition, Set(keys)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var found: [EntityKey: Entity] = [:]
        for result in results {
            found.merge(try result.get()) { first, _ in first }
        }
        return keys.map { found[$0] }
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        if let violation = EntityLimits.violation(
            partition: partition, rowPrefix: rowPrefix, limit: limit)
        {
            throw .corrupt(violation)
        }
        let filter = EntityFilter(partition: partition, rowPrefix: rowPrefix)
        var found: [Entity] = []
        var token: ContinuationToken?
        for _ in 0..<AzureTableStore.pagesMax {
            let page = try await page(
                requests.query(
                    partition: partition, rowPrefix: rowPrefix, limit: limit, after: token))
            try AzureTableStore.refuse(page.unreadable.first { filter.matches($0.key) })
            found += page.entities.filter { filter.matches($0.key) }
            token = page.next
            if token == nil || found.count >= limit { return Array(found.prefix(limit)) }
        }
        throw AzureTableStore.endless
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        if let violation = EntityLimits.violation(filter: filter, limit: limit) {
            throw .corrupt(violation)
        }
        var token: ContinuationToken?
        if let continuation {
            token = ContinuationToken(continuation)
            guard token != nil else {
                throw .corrupt("the continuation of a scan was not made by this store")
            }
        }
        let page = try await page(
            requests.scan(filter, limit: limit, after: token), isContinued: token != nil)
        guard page.entities.count + page.unreadable.count <= limit else {
            throw .corrupt("the table service sent more entities than requested")
        }
        // The service compares values of other types in its own ways.
        let entities = page.entities.filter {
            filter.matches($0.key) && filter.matches($0.properties)
        }
        var result = EntityPage(entities: entities, next: page.next?.continuation)
        result.unreadable = page.unreadable.filter { filter.matches($0.key) }
        return result
    }

    /// Throws if a row that was asked for can't be read.
    private static func refuse(_ row: UnreadableEntity?) throws(StoreError) {
        guard let row else { return }
        throw .corrupt("the entity \(row.key.partition)/\(row.key.row): \(row.reason)")
    }

    /// Pages of a partition: usually one, more at the boundaries of the service's servers.
    private static let pagesMax = 1_000
    /// How often several pages are read to get a consistent snapshot.
    private static let snapshotsMax = 20

    private static var endless: StoreError {
        .unavailable("the table service keeps sending empty pages")
    }

    /// The entities of `keys`, all in one partition, as they were at one moment.
    func entities(
        _ partition: String, _ keys: Set<EntityKey>
    ) async throws(StoreError) -> [EntityKey: Entity] {
        guard let first = keys.first else { return [:] }
        guard keys.count > 1 else { return try await entity(first).map { [first: $0] } ?? [:] }
        let request = requests.get(partition: partition, rows: keys.map(\.row))
        // A page is a snapshot. Several are if two reads give the same: versions don't
        // recur.
        var before: [EntityKey: Entity]?
        for _ in 0..<AzureTableStore.snapshotsMax {
            let (found, pages) = try await collect(request, keys)
            if pages == 1 || before?.mapValues(\.etag) == found.mapValues(\.etag) { return found }
            before = found
        }
        throw .unavailable("partition \(partition) changes faster than it can be read")
    }

    private func entity(_ key: EntityKey) async throws(StoreError) -> Entity? {
        let result = try await client.perform(requests.get(key), isWrite: false) { response in
            Answer(response)
        }
        switch result.answer.verdict {
        case .notFound: return nil
        case .tableNotFound: throw missingTable
        default:
            let json = try AzureTableStore.json(result.answer.response)
            return try EntityCoding.decode(json, etag: result.answer.response.header("etag"))
        }
    }

    private func collect(
        _ request: TableRequest, _ keys: Set<EntityKey>
    ) async throws(StoreError) -> (found: [EntityKey: Entity], pages: Int) {
        var found: [EntityKey: Entity] = [:]
        var pages = 0
        var next = request
        while pages < AzureTableStore.pagesMax {
            let page = try await page(next)
            pages += 1
            try AzureTableStore.refuse(page.unreadable.first { keys.contains($0.key) })
            for entity in page.entities where keys.contains(entity.key) {
                found[entity.key] = entity
            }
            guard let token = page.next else { return (found, pages) }
            next = request
            next.query += token.query
        }
        throw AzureTableStore.endless
    }

    private func page(
        _ request: TableRequest, isContinued: Bool = false
    ) async throws(StoreError) -> Page {
        let result = try await client.perform(request, isWrite: false) {
            isContinued ? Answer(continuing: $0) : Answer($0)
        }
        if result.answer.verdict == .placeUnknown {
            throw .corrupt("the table service does not know the place where a scan was to go on")
        }
        guard result.answer.verdict == .done else { throw missingTable }
        let response = result.answer.response
        guard let values = try AzureTableStore.json(response)["value"]?.elements else {
            throw .corrupt("the table service answered a query without a list")
        }
        var page = Page(next: ContinuationToken(response))
        for value in values {
            do throws(StoreError) {
                page.entities.append(try EntityCoding.decode(value, etag: nil))
            } catch {
                guard let key = EntityCoding.key(value) else { throw error }
                page.unreadable.append(
                    UnreadableEntity(key: key, reason: "no version, or an unknown property type"))
            }
        }
        return page
    }

    /// What one response to a query holds.
    private struct Page: Sendable {
        var entities: [Entity] = []
        var unreadable: [UnreadableEntity] = []
        var next: ContinuationToken?
    }

    private static func json(_ response: HTTPResponse) throws(StoreError) -> JSONValue {
        do {
            return try JSONReader.value(of: response.body)
        } catch {
            throw .corrupt("the table service answered with something other than JSON")
        }
    }
}

/// A text that is compared byte by byte.
private struct ByteKey: Hashable {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }
}
