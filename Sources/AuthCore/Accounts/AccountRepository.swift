import Storage

/// Maps accounts and sessions to rows: the one place that knows row keys and properties.
///
/// Every write is one transaction of one partition, against the versions that were read. A write
/// that lost against another one throws the store's `.versionMismatch`, `.notFound` or
/// `.alreadyExists`, and the operation above reads again.
struct AccountRepository: Sendable {
    private let store: any EntityStore
    private let policy: SessionPolicy

    /// Rows read at once: an account and as many sessions as it may have, with room for rows that
    /// two logins at the limit left over.
    private static let rowsMax = 200

    /// 100 operations, less one for the account.
    private static let sessionsPerTransactionMax = 99

    init(store: any EntityStore, policy: SessionPolicy) {
        self.store = store
        self.policy = policy
    }

    /// The account with all its sessions, or nil.
    func load(_ partition: AccountPartition) async throws(StoreError) -> AccountRecord? {
        let entities = try await store.query(
            partition: partition.name, rowPrefix: "", limit: AccountRepository.rowsMax)
        return try record(partition, entities)
    }

    /// The account without any of its sessions, or nil: the same work however many there are.
    func loadAccount(
        _ partition: AccountPartition
    ) async throws(StoreError) -> AccountRecord? {
        let entities = try await store.get(
            partition: partition.name, rows: [AccountPartition.accountRow])
        return try record(partition, entities.compactMap { $0 })
    }

    /// The account with one of its sessions (or none, when that is gone), or nil. One round trip.
    func load(
        _ partition: AccountPartition, sessionID: String
    ) async throws(StoreError) -> AccountRecord? {
        let entities = try await store.get(
            partition: partition.name,
            rows: [AccountPartition.accountRow, AccountPartition.sessionRow(sessionID)])
        return try record(partition, entities.compactMap { $0 })
    }

    /// Stores a new account, if there is none in its partition.
    func insert(_ account: Account) async throws(StoreError) {
        let partition = AccountPartition(email: account.email)
        _ = try await store.transact(
            partition: partition.name, [.insert(accountKey(partition), account.properties)])
    }

    /// Stores `account` over what `record` holds, adds `session`, and removes `evicted`.
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

    /// Stores `account` over what `record` holds, and `session` over its stored form.
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

    /// Stores `session` over what was read.
    func update(
        _ stored: StoredSession, to session: Session, in partition: AccountPartition
    ) async throws(StoreError) {
        _ = try await store.transact(
            partition: partition.name, [replace(partition, stored, with: session)])
    }

    /// Removes a session, whatever its version. Gone already is as good.
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

    /// Removes the account and all its sessions, in one transaction.
    ///
    /// More sessions than fit one transaction are there only if the limit was once higher; the
    /// surplus goes first, so that nothing is left when the account is gone.
    func delete(_ record: AccountRecord) async throws(StoreError) {
        for surplus in record.sessions.dropFirst(AccountRepository.sessionsPerTransactionMax) {
            try await deleteSession(surplus.session.sessionID, in: record.partition)
        }
        var operations = [
            EntityOperation.delete(accountKey(record.partition), ifMatch: record.etag)
        ]
        operations += record.sessions.prefix(AccountRepository.sessionsPerTransactionMax).map {
            .delete(sessionKey(record.partition, $0.session), ifMatch: nil)
        }
        _ = try await store.transact(partition: record.partition.name, operations)
    }

    /// Whether the store answers.
    func checkHealth() async throws(StoreError) {
        try await store.checkHealth()
    }

    private func record(
        _ partition: AccountPartition, _ entities: [Entity]
    ) throws(StoreError) -> AccountRecord? {
        var account: (Account, ETag)?
        var sessions: [StoredSession] = []
        for entity in entities {
            guard let etag = entity.etag else {
                throw .corrupt("a row of partition \(partition.name) came without a version")
            }
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

    private func properties(_ session: Session) -> [String: EntityProperty] {
        session.properties(expiresAt: policy.expiry(of: session))
    }

    private func accountKey(_ partition: AccountPartition) -> EntityKey {
        EntityKey(partition: partition.name, row: AccountPartition.accountRow)
    }

    private func sessionKey(_ partition: AccountPartition, _ session: Session) -> EntityKey {
        EntityKey(
            partition: partition.name, row: AccountPartition.sessionRow(session.sessionID))
    }
}
