import Storage

/// Reads whole partitions. What point reads refuse is left out here and reported: one row that can't
/// be read must not hide all others. It never counts as a valid session.
extension AccountRepository {
    /// Rows read at once: the most that one query returns. An account has far fewer, unless the
    /// limit of sessions was once higher.
    private static let rowsMax = EntityLimits.pageEntitiesMax

    /// The account with all its sessions that can be read, or nil.
    ///
    /// - Throws: `.corrupt` when the account's own row can't be read; `.unavailable`.
    func load(_ partition: AccountPartition) async throws(StoreError) -> AccountRecord? {
        try record(partition, of: try await rows(partition))
    }

    /// All sessions in the partition that can be read, dead ones too, and how many can't.
    func sessions(
        _ partition: AccountPartition
    ) async throws(StoreError) -> (readable: [StoredSession], unreadableCount: Int) {
        let found = try sessions(
            of: try await rows(partition, prefix: AccountPartition.sessionRowPrefix))
        return (found.readable, found.unreadable.count)
    }

    /// What has to be removed with an account; nil if there is none.
    func remains(of email: String) async throws(StoreError) -> AccountRemains? {
        let partition = AccountPartition(email: email)
        let rows = try await rows(partition)
        let account = rows.entities.first { $0.key.row == AccountPartition.accountRow }
        guard account != nil || rows.unreadable.contains(where: \.isAccount) else { return nil }
        var userID: String?
        if case .string(let text) = account?.properties["userId"], RandomIdentifier.isValid(text) {
            userID = text
        }
        return AccountRemains(
            email: email, partition: partition, userID: userID, etag: account?.etag,
            otherRows: rows.otherRows)
    }

    /// The names of the rows in the partition beside the account's, readable or not.
    func otherRows(_ partition: AccountPartition) async throws(StoreError) -> [String] {
        try await rows(partition).otherRows
    }

    /// Some accounts with their sessions, in the order of partitions, and where to continue.
    ///
    /// An account is found with the page that has its own row. Rows of sessions at the head of a
    /// page belong to an account of the previous page, which fetched them itself.
    ///
    /// - Parameters:
    ///   - place: nil for the beginning.
    ///   - limit: how many rows to read, and so how many accounts at most.
    /// - Returns: the accounts whose rows can be read.
    /// - Throws: `.unavailable`, `.corrupt`.
    func scan(
        after place: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> AccountScan {
        let page = try await store.scan(after: place, limit: limit)
        var scan = AccountScan(next: page.next)
        for rows in page.partitions {
            guard let partition = AccountPartition(name: rows.name) else {
                for row in rows.page.unreadable { report(row) }
                continue
            }
            do throws(StoreError) {
                guard let record = try record(partition, of: rows.page) else { continue }
                scan.records.append(record)
            } catch {
                guard case .corrupt = error else { throw error }
                unreadable(UnreadableRow(accountKey(partition), reason: error.text))
                scan.unreadableCount += 1
            }
        }
        if page.next != nil, let last = scan.records.last,
            last.partition.name == page.entities.last?.key.partition
        {
            // Its sessions may continue after this page.
            scan.records.removeLast()
            if let whole = try await load(last.partition) { scan.records.append(whole) }
        }
        return scan
    }

    /// All rows of a partition, also those that the store can't read: with one query, unless there
    /// is such a row.
    private func rows(
        _ partition: AccountPartition, prefix: String = ""
    ) async throws(StoreError) -> EntityPage {
        do throws(StoreError) {
            let entities = try await store.query(
                partition: partition.name, rowPrefix: prefix, limit: AccountRepository.rowsMax)
            return EntityPage(entities: entities, next: nil)
        } catch .corrupt {
            return try await scannedRows(partition, prefix: prefix)
        }
    }

    private func scannedRows(
        _ partition: AccountPartition, prefix: String
    ) async throws(StoreError) -> EntityPage {
        let filter = EntityFilter(partition: partition.name, rowPrefix: prefix)
        var rows = EntityPage(entities: [], next: nil)
        repeat {
            let page = try await store.scan(
                filter, after: rows.next, limit: AccountRepository.rowsMax)
            rows.entities += page.entities
            rows.unreadable += page.unreadable
            rows.next = page.next
        } while rows.next != nil
            && rows.entities.count + rows.unreadable.count < AccountRepository.rowsMax
        return rows
    }

    private func record(
        _ partition: AccountPartition, of rows: EntityPage
    ) throws(StoreError) -> AccountRecord? {
        if let row = rows.unreadable.first(where: \.isAccount) {
            throw .corrupt("account row of partition \(partition.name): \(row.reason)")
        }
        let account = rows.entities.filter { $0.key.row == AccountPartition.accountRow }
        guard var record = try record(partition, account) else { return nil }
        let sessions = try sessions(of: rows)
        record.sessions = sessions.readable
        record.unreadableSessions = sessions.unreadable
        record.otherRows = rows.otherRows
        return record
    }

    /// The sessions among some rows; those that can't be read by their ids.
    private func sessions(
        of rows: EntityPage
    ) throws(StoreError) -> (readable: [StoredSession], unreadable: [String: StoreError]) {
        let prefix = AccountPartition.sessionRowPrefix
        var (readable, unreadable) = ([StoredSession](), [String: StoreError]())
        func leaveOut(_ key: EntityKey, _ error: StoreError) {
            self.unreadable(UnreadableRow(key, reason: error.text))
            unreadable[String(key.row.dropFirst(prefix.count))] = error
        }
        for entity in rows.entities where entity.key.row.hasPrefix(prefix) {
            do throws(StoreError) {
                readable.append(
                    StoredSession(session: try Session(entity), etag: try etag(of: entity)))
            } catch {
                leaveOut(entity.key, error)
            }
        }
        for row in rows.unreadable where row.key.row.hasPrefix(prefix) {
            leaveOut(row.key, .corrupt(row.reason))
        }
        return (readable, unreadable)
    }

    private func report(_ row: UnreadableEntity) {
        unreadable(UnreadableRow(row.key, reason: row.reason))
    }
}

extension UnreadableEntity {
    fileprivate var isAccount: Bool { key.row == AccountPartition.accountRow }
}

extension EntityPage {
    /// The names of all rows but those of accounts.
    fileprivate var otherRows: [String] {
        (entities.map(\.key.row) + unreadable.map(\.key.row)).filter {
            $0 != AccountPartition.accountRow
        }
    }

    /// The rows of one partition each, in the order they came; partitions without a readable row
    /// come last.
    fileprivate var partitions: [(name: String, page: EntityPage)] {
        var groups: [(name: String, page: EntityPage)] = []
        for entity in entities {
            if groups.last?.name == entity.key.partition {
                groups[groups.count - 1].page.entities.append(entity)
            } else {
                let page = EntityPage(entities: [entity], next: nil)
                groups.append((entity.key.partition, page))
            }
        }
        for row in unreadable {
            if let index = groups.firstIndex(where: { $0.name == row.key.partition }) {
                groups[index].page.unreadable.append(row)
            } else {
                var page = EntityPage(entities: [], next: nil)
                page.unreadable = [row]
                groups.append((row.key.partition, page))
            }
        }
        return groups
    }
}
