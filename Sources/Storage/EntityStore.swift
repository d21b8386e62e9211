/// Where accounts and sessions live: entities in partitions, with versions.
///
/// The contract, which the `StorageConformance` suite checks on every store:
/// - A read sees every write that was acknowledged before it began, by any caller.
/// - `transact` is atomic, isolated and durable: all of its operations are stored, and survive a
///   crash, before it returns; or none is, and it throws.
/// - Every write is conditional (see `EntityOperation`): there is no unconditional overwrite.
/// - Limits: 100 operations per transaction, each entity at most once in it, 1.25 MiB in total;
///   nearly 1 MiB per entity.
/// - A store that has to wait respects `StoreDeadline`.
/// - A store never blocks the caller's thread.
/// - Where the calling task is cancelled while a store waits, it may throw `.cancelled`.
package protocol EntityStore: Sendable {
    /// The entities of `rows` in one partition, nil for those that don't exist, in one round trip.
    ///
    /// The rows are a consistent snapshot: no transaction lies between them.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    func get(partition: String, rows: [String]) async throws(StoreError) -> [Entity?]

    /// The entities of `keys`, in any partitions, nil for those that don't exist, in the time
    /// of one round trip: a store that needs a request for each sends them concurrently.
    ///
    /// At most 100 keys. Entities of different partitions may be from different moments.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?]

    /// The entities of one partition whose row key starts with `rowPrefix`, in row order.
    ///
    /// `limit` is 1 to 1,000, and no more entities than that are returned.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity]

    /// Stores all of `operations`, which are on one partition, or none.
    ///
    /// - Returns: the new version for each operation; nil for a delete.
    /// - Throws: `.alreadyExists`, `.notFound` and `.versionMismatch` with the index of the first
    ///   operation whose condition does not hold; `.unavailable`; `.unknownOutcome`.
    func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?]

    /// Reads `rows` of one partition, as `get` does, and stores what `decide` returns for them, as
    /// `transact` does.
    ///
    /// A store that can do so makes this one transaction, so that nothing comes in between and the
    /// caller waits once; others do one after the other.
    ///
    /// - Parameters:
    ///   - partition: of everything that is read and written.
    ///   - rows: what to read.
    ///   - decide: gets the entities of `rows`, and is called once; no operations mean no change.
    ///     It may run on the store's own thread, and must not block.
    /// - Throws: what `get`, `decide` and `transact` throw.
    func update(
        partition: String, rows: [String],
        _ decide: @escaping @Sendable ([Entity?]) throws(StoreError) -> [EntityOperation]
    ) async throws(StoreError)

    /// All entities that `filter` lets through, in the order of partition and row, a page at a
    /// time: `continuation` is nil for the first page, then the one from the previous page, with
    /// the same filter; a page holds at most `limit`, 1 to 1,000.
    ///
    /// A call does a bounded amount of work: if little matches, pages are small or empty. A row that
    /// can't be read does not end the scan: it is named on its page.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage

    /// Checks whether the store answers, at the lowest cost.
    ///
    /// - Throws: `.unavailable`.
    func checkHealth() async throws(StoreError)

    /// Finishes the writes in progress and releases files and connections. Later calls throw
    /// `.unavailable`.
    func close() async
}

extension EntityStore {
    package func update(
        partition: String, rows: [String],
        _ decide: @escaping @Sendable ([Entity?]) throws(StoreError) -> [EntityOperation]
    ) async throws(StoreError) {
        let operations = try decide(try await get(partition: partition, rows: rows))
        guard !operations.isEmpty else { return }
        _ = try await transact(partition: partition, operations)
    }

    /// The entity with `key`, or nil.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    package func get(_ key: EntityKey) async throws(StoreError) -> Entity? {
        try await get(partition: key.partition, rows: [key.row])[0]
    }

    /// All entities, in the order of partition and row, a page at a time.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    package func scan(
        after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        try await scan(.all, after: continuation, limit: limit)
    }
}
