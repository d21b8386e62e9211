import Synchronization

/// Entities in memory, gone with the process: for tests, and for trying the daemon out.
///
/// It fulfills the contract of every other store except durability. Its lock is held for the time
/// of a few dictionary operations, and never across an `await`.
package final class MemoryStore: EntityStore {
    private struct Stored {
        var properties: EntityProperties
        var etag: ETag
    }

    private struct State {
        var partitions: [ByteText: [ByteText: Stored]] = [:]
        /// The keys of `partitions` in order, made by a scan and kept until one is added or
        /// removed.
        var sortedPartitions: [ByteText]?
        var entityCount = 0
        /// Counts versions; never reused, so none repeats, whatever is deleted in between.
        var versionLast: UInt64 = 0
        var isClosed = false
    }

    /// Entities that one page of a scan examines: the lock is held meanwhile.
    private static let scannedMax = EntityLimits.pageEntitiesMax

    private let entitiesMax: Int
    private let state = Mutex(State())

    /// An empty store.
    ///
    /// - Parameter entitiesMax: inserts beyond it throw `.unavailable`; a million small entities
    ///   are about 1 GiB.
    package init(entitiesMax: Int = 1_000_000) {
        self.entitiesMax = entitiesMax
    }

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(partition: partition, rows: rows) {
            throw .corrupt(violation)
        }
        return try withOpenState { state throws(StoreError) in
            let stored = state.partitions[ByteText(partition)] ?? [:]
            return rows.map { row in
                stored[ByteText(row)].map { Self.entity(partition: partition, row: row, $0) }
            }
        }
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(keys: keys) { throw .corrupt(violation) }
        return try withOpenState { state throws(StoreError) in
            keys.map { key in
                state.partitions[ByteText(key.partition)]?[ByteText(key.row)].map {
                    Self.entity(partition: key.partition, row: key.row, $0)
                }
            }
        }
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        if let violation = EntityLimits.violation(
            partition: partition, rowPrefix: rowPrefix, limit: limit)
        {
            throw .corrupt(violation)
        }
        return try withOpenState { state throws(StoreError) in
            let stored = state.partitions[ByteText(partition)] ?? [:]
            return stored.filter { $0.key.text.utf8.starts(with: rowPrefix.utf8) }
                .sorted { $0.key < $1.key }
                .prefix(limit)
                .map { Self.entity(partition: partition, row: $0.key.text, $0.value) }
        }
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        if let violation = EntityLimits.violation(partition: partition, operations: operations) {
            throw .corrupt(violation)
        }
        return try withOpenState { state throws(StoreError) in
            var rows = state.partitions[ByteText(partition)] ?? [:]
            let countBefore = rows.count
            var etags: [ETag?] = []
            for (index, operation) in operations.enumerated() {
                let existing = rows[ByteText(operation.key.row)]
                try Self.checkCondition(of: operation, at: index, against: existing?.etag)
                switch operation {
                case .insert(let key, let properties), .replace(let key, let properties, _):
                    state.versionLast += 1
                    let etag = ETag(String(state.versionLast))
                    rows[ByteText(key.row)] = Stored(properties: properties, etag: etag)
                    etags.append(etag)
                case .delete(let key, _):
                    rows[ByteText(key.row)] = nil
                    etags.append(nil)
                }
            }
            let growth = rows.count - countBefore
            guard growth <= 0 || state.entityCount + growth <= entitiesMax else {
                throw .unavailable("the memory store holds \(entitiesMax) entities, its limit")
            }
            state.entityCount += growth
            if (countBefore == 0) != rows.isEmpty { state.sortedPartitions = nil }
            state.partitions[ByteText(partition)] = rows.isEmpty ? nil : rows
            return etags
        }
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        if let violation = EntityLimits.violation(filter: filter, limit: limit) {
            throw .corrupt(violation)
        }
        let last = try continuation.map { continuation throws(StoreError) in
            guard let key = EntityKey(continuation: continuation) else {
                throw .corrupt("the continuation of a scan was not made by this store")
            }
            return (partition: ByteText(key.partition), row: ByteText(key.row))
        }
        return try withOpenState { state throws(StoreError) in
            let partitions = state.sortedPartitions ?? state.partitions.keys.sorted()
            state.sortedPartitions = partitions
            var page = EntityPage(entities: [], next: nil)
            var examined = 0
            let start = Self.firstIndex(in: partitions, notBefore: last?.partition)
            for partition in partitions[start...] {
                let rows = (state.partitions[partition] ?? [:]).sorted { $0.key < $1.key }
                for (row, stored) in rows {
                    if let last, partition == last.partition, row <= last.row { continue }
                    let key = EntityKey(partition: partition.text, row: row.text)
                    examined += 1
                    if filter.matches(key), filter.matches(stored.properties) {
                        page.entities.append(
                            Self.entity(partition: key.partition, row: key.row, stored))
                    }
                    if page.entities.count == limit || examined == Self.scannedMax {
                        page.next = key.continuation
                        return page
                    }
                }
            }
            return page
        }
    }

    package func checkHealth() async throws(StoreError) {
        try withOpenState { _ throws(StoreError) in }
    }

    package func close() async {
        state.withLock { $0 = State(isClosed: true) }
    }

    private func withOpenState<Value: Sendable>(
        _ body: (inout State) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            guard !state.isClosed else { throw .unavailable("the memory store is closed") }
            return try body(&state)
        }
    }

    private static func checkCondition(
        of operation: EntityOperation, at index: Int, against existing: ETag?
    ) throws(StoreError) {
        switch (operation, existing) {
        case (.insert, .some): throw .alreadyExists(index: index)
        case (.insert, nil): break
        case (.replace, nil), (.delete, nil): throw .notFound(index: index)
        case (.replace(_, _, let etag), .some(let existing)) where etag != existing:
            throw .versionMismatch(index: index)
        case (.delete(_, .some(let etag)), .some(let existing)) where etag != existing:
            throw .versionMismatch(index: index)
        case (.replace, .some), (.delete, .some): break
        }
    }

    private static func entity(partition: String, row: String, _ stored: Stored) -> Entity {
        Entity(
            key: EntityKey(partition: partition, row: row),
            properties: stored.properties, etag: stored.etag)
    }

    /// The place of the first partition that a scan after `last` still has to search.
    private static func firstIndex(in sorted: [ByteText], notBefore last: ByteText?) -> Int {
        guard let last else { return 0 }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < last { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
