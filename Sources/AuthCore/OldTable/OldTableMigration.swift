package import Storage

/// Moves all accounts out of the old table, a page at a time, as they are: hashes and sealed TOTP
/// secrets are copied, so that no password is needed.
///
/// It can stop anywhere and be restarted: what was moved is gone from the old table, and a move
/// that stopped half-way is finished. Daemons may serve meanwhile, and move users who log in. The
/// old application must not: what it writes to a row that was moved is lost.
package struct OldTableMigration: Sendable {
    /// Rows read at once.
    package static let pageCount = 100
    /// Rows moved at once, two writes each.
    static let concurrency = 8
    /// How often a row is read again when somebody else writes to it.
    private static let attemptsMax = 8

    private let repository: AccountRepository
    private let store: any EntityStore
    private let table: OldTable
    private let isDryRun: Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - store: where both tables are.
    ///   - table: the old one.
    ///   - isDryRun: whether to only say what would be done.
    ///   - now: the present moment in UTC.
    package init(
        store: any EntityStore, table: OldTable, isDryRun: Bool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        repository = AccountRepository(
            store: store, oldTable: table, policy: SessionPolicy(), unreadable: { _ in })
        self.store = store
        self.table = table
        self.isDryRun = isDryRun
        self.now = now
    }

    /// How many rows the old table has. Reads them all.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    package func count() async throws(StoreError) -> Int {
        var count = 0
        var place: EntityContinuation?
        repeat {
            let page = try await store.scan(
                filter, after: place, limit: EntityLimits.pageEntitiesMax)
            count += page.entities.count + page.unreadable.count
            place = page.next
        } while place != nil
        return count
    }

    /// Moves the rows of one page.
    ///
    /// - Parameter place: nil for the first page, then the one from the previous page.
    /// - Returns: the outcome for each row, and the place of the next page; nil at the end.
    /// - Throws: `.unavailable`, `.unknownOutcome`, `.corrupt` when the store fails; run it again.
    package func page(
        after place: EntityContinuation?
    ) async throws(StoreError) -> (outcomes: [OldRowOutcome], next: EntityContinuation?) {
        let page = try await store.scan(
            filter, after: place, limit: OldTableMigration.pageCount)
        var outcomes = page.unreadable.map { OldRowOutcome(row: $0.key.row, kind: .unreadable) }
        for start in stride(
            from: 0, to: page.entities.count, by: OldTableMigration.concurrency)
        {
            let rows = page.entities.dropFirst(start).prefix(OldTableMigration.concurrency)
            let results = await withTaskGroup(of: Result<OldRowOutcome, StoreError>.self) { group in
                for row in rows { group.addTask { await result(of: row) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for result in results { outcomes.append(try result.get()) }
        }
        return (outcomes, page.next)
    }

    private var filter: EntityFilter { EntityFilter(partition: table.name) }

    private func result(of row: Entity) async -> Result<OldRowOutcome, StoreError> {
        do throws(StoreError) {
            return .success(try await outcome(of: row))
        } catch {
            return .failure(error)
        }
    }

    /// Moves a row, reading it again as long as others write to it.
    private func outcome(of first: Entity) async throws(StoreError) -> OldRowOutcome {
        var row = first
        for _ in 0..<OldTableMigration.attemptsMax {
            do throws(StoreError) {
                return try await move(row)
            } catch {
                guard error.isLostRace else { throw error }
            }
            guard let again = try await store.get(row.key) else {
                return OldRowOutcome(row: row.key.row, kind: .gone)
            }
            row = again
        }
        return OldRowOutcome(row: row.key.row, kind: .busy)
    }

    private func move(_ row: Entity) async throws(StoreError) -> OldRowOutcome {
        guard let address = try? EmailAddress(parsing: row.key.row) else {
            return OldRowOutcome(row: row.key.row, kind: .addressInvalid)
        }
        if let record = try await repository.loadAccount(AccountPartition(email: address.text)) {
            return try await finish(row, record)
        }
        let old: OldAccount
        do throws(StoreError) {
            old = try OldAccount(
                row, email: address.text, userID: RandomIdentifier.make(), now: now())
        } catch {
            return OldRowOutcome(row: row.key.row, kind: .unreadable)
        }
        if !isDryRun {
            try await repository.move(old, to: old.account, adding: nil)
        }
        return OldRowOutcome(
            row: row.key.row, kind: .moved(hasSecondFactor: old.account.secondFactor != nil))
    }

    /// Finishes an interrupted move; anything else is left alone.
    private func finish(
        _ row: Entity, _ record: AccountRecord
    ) async throws(StoreError) -> OldRowOutcome {
        guard let etag = row.etag, record.account.movedFrom?.etag == etag.text else {
            return OldRowOutcome(row: row.key.row, kind: .taken)
        }
        if !isDryRun {
            // Whoever removes an old row has just written the new one.
            try await repository.update(record, to: record.account, keeping: nil, as: nil)
            try await repository.removeLeftover(row, of: record.account)
        }
        return OldRowOutcome(row: row.key.row, kind: .finished)
    }
}
