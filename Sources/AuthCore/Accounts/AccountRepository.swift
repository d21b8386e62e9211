import Storage

/// Maps accounts and sessions to rows: the one place that knows row keys and properties.
///
/// Every write is one transaction on one partition, conditional on the versions that were read. A
/// write that lost to another one throws the store's `.versionMismatch`, `.notFound` or
/// `.alreadyExists`, and the operation above it reads again.
struct AccountRepository: Sendable {
    let store: any EntityStore
    /// Nil if there never was an old table, or all of it has been moved.
    let oldTable: OldTable?
    private let policy: SessionPolicy
    /// Is told about rows that a read went on without.
    let unreadable: UnreadableNotice

    /// The operations of a transaction, less one for the account.
    private static let sessionsPerTransactionMax = EntityLimits.operationsMax - 1

    init(
        store: any EntityStore, oldTable: OldTable?, policy: SessionPolicy,
        unreadable: @escaping UnreadableNotice
    ) {
        self.store = store
        self.oldTable = oldTable
        self.policy = policy
        self.unreadable = unreadable
    }

    /// The account without any of its sessions, or nil: the same work however many there are.
    func loadAccount(
        _ partition: AccountPartition
    ) async throws(StoreError) -> AccountRecord? {
        let entities = try await store.get(
            partition: partition.name, rows: [AccountPartition.accountRow])
        return try record(partition, entities.lazy.compactMap { $0 })
    }

    /// The account with those of the named sessions that are there, or nil. One round trip. The ids
    /// are valid identifiers, each named once.
    func load(
        _ partition: AccountPartition, sessionIDs: [String]
    ) async throws(StoreError) -> AccountRecord? {
        let entities = try await store.get(
            partition: partition.name,
            rows: [AccountPartition.accountRow] + sessionIDs.map(AccountPartition.sessionRow))
        return try record(partition, entities.lazy.compactMap { $0 })
    }

    /// Stores a new account, if there is none with its address, nor one in the old table.
    func insert(_ account: Account) async throws(StoreError) {
        if try await isInOldTable(account.email) { throw .alreadyExists(index: 0) }
        let partition = AccountPartition(email: account.email)
        _ = try await store.transact(
            partition: partition.name, [.insert(accountKey(partition), account.properties)])
    }

    /// Replaces the account in `record` with `account`, adds `session`, and removes `evicted`.
    func update(
        _ record: AccountRecord, to account: Account, adding session: Session,
        evicting evicted: [StoredSession]
    ) async throws(StoreError) {
        var operations = [
            replace(record, with: account),
            EntityOperation.insert(sessionKey(record.partition, session), properties(session)),
        ]
        operations += evicted.map { delete(record.partition, $0) }
        _ = try await store.transact(partition: record.partition.name, operations)
    }

    /// Replaces the account in `record` with `account`, and `session`'s stored form.
    func update(
        _ record: AccountRecord, to account: Account, keeping stored: StoredSession?,
        as session: Session?
    ) async throws(StoreError) {
        var operations = [replace(record, with: account)]
        if let stored, let session {
            operations.append(replace(record.partition, stored, with: session))
        }
        _ = try await store.transact(partition: record.partition.name, operations)
    }

    /// Reads the account with one session, and stores the session as `decide` changes it: one trip
    /// to a store that can do both in one transaction.
    ///
    /// - Parameters:
    ///   - sessionID: a valid identifier.
    ///   - partition: the account's.
    ///   - decide: gets what is stored; nil if there is no account. It returns the new form of the
    ///     session that was read, or nil to leave it unchanged.
    /// - Throws: `.versionMismatch` or `.notFound` when the session was changed meanwhile;
    ///   `.unavailable`, `.corrupt`, `.unknownOutcome`.
    func updateSession(
        _ sessionID: String, in partition: AccountPartition,
        _ decide: @escaping @Sendable (AccountRecord?) -> Session?
    ) async throws(StoreError) {
        try await store.update(
            partition: partition.name,
            rows: [AccountPartition.accountRow, AccountPartition.sessionRow(sessionID)]
        ) { entities throws(StoreError) in
            let record = try record(partition, entities.lazy.compactMap { $0 })
            guard let session = decide(record), let stored = record?.sessions.first else {
                return []
            }
            return [replace(partition, stored, with: session)]
        }
    }

    /// Removes a session, whatever its version. Succeeds if it is already gone.
    func deleteSession(
        _ sessionID: String, in partition: AccountPartition
    ) async throws(StoreError) {
        let key = EntityKey(
            partition: partition.name, row: AccountPartition.sessionRow(sessionID))
        do throws(StoreError) {
            _ = try await store.transact(partition: partition.name, [.delete(key, ifMatch: nil)])
        } catch .notFound {
            return
        }
    }

    /// Removes the account and all other rows of its partition, in one transaction; before that,
    /// whatever the old table still has for the address.
    ///
    /// More rows than fit one transaction exist only if the limit of sessions was once higher. The
    /// surplus goes first, so that nothing is left when the account is gone.
    func delete(_ remains: AccountRemains) async throws(StoreError) {
        try await deleteFromOldTable(remains.email)
        let partition = remains.partition
        let deletion = { (row: String) in
            EntityOperation.delete(
                EntityKey(partition: partition.name, row: row), ifMatch: nil)
        }
        var rows = remains.otherRows
        while rows.count > AccountRepository.sessionsPerTransactionMax {
            let surplus = rows.prefix(EntityLimits.operationsMax).map(deletion)
            _ = try await store.transact(partition: partition.name, surplus)
            rows = try await otherRows(partition)
        }
        _ = try await store.transact(
            partition: partition.name,
            [.delete(accountKey(partition), ifMatch: remains.etag)] + rows.map(deletion))
    }

    /// Whether the store answers.
    func checkHealth() async throws(StoreError) {
        try await store.checkHealth()
    }

    /// The account of some rows, all of which must be readable.
    func record(
        _ partition: AccountPartition, _ entities: some Sequence<Entity>
    ) throws(StoreError) -> AccountRecord? {
        var account: (Account, ETag)?
        var sessions: [StoredSession] = []
        for entity in entities {
            let etag = try etag(of: entity)
            if entity.key.row == AccountPartition.accountRow {
                account = (try Account(entity), etag)
            } else if entity.key.row.hasPrefix(AccountPartition.sessionRowPrefix) {
                sessions.append(StoredSession(session: try Session(entity), etag: etag))
            }
        }
        guard let account else { return nil }
        return AccountRecord(
            partition: partition, account: account.0, etag: account.1, sessions: sessions)
    }

    func etag(of entity: Entity) throws(StoreError) -> ETag {
        guard let etag = entity.etag else {
            throw .corrupt("a row of partition \(entity.key.partition) has no version")
        }
        return etag
    }

    private func replace(_ record: AccountRecord, with account: Account) -> EntityOperation {
        .replace(accountKey(record.partition), account.properties, ifMatch: record.etag)
    }

    private func replace(
        _ partition: AccountPartition, _ stored: StoredSession, with session: Session
    ) -> EntityOperation {
        .replace(sessionKey(partition, session), properties(session), ifMatch: stored.etag)
    }

    private func delete(
        _ partition: AccountPartition, _ stored: StoredSession
    ) -> EntityOperation {
        .delete(sessionKey(partition, stored.session), ifMatch: stored.etag)
    }

    func properties(_ session: Session) -> EntityProperties {
        session.properties(expiresAt: policy.expiry(of: session))
    }

    func accountKey(_ partition: AccountPartition) -> EntityKey {
        EntityKey(partition: partition.name, row: AccountPartition.accountRow)
    }

    func sessionKey(_ partition: AccountPartition, _ session: Session) -> EntityKey {
        EntityKey(
            partition: partition.name, row: AccountPartition.sessionRow(session.sessionID))
    }
}
