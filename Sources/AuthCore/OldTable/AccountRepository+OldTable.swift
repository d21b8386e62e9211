import Storage

/// How rows of the old table become accounts.
///
/// The two rows are in two partitions, which no transaction spans. So the order is: the new account
/// is inserted, then the old row is removed in the version that was read. Whenever it stops, either
/// only the old row is there, or both with the same password, and then the new one counts. Whoever
/// removes an old row has just written the new one, so a mover that finds the old row gone or
/// changed can take back its insert, in the version that it wrote, without harm.
extension AccountRepository {
    /// What there is for an address, in one round trip, with or without the old table.
    ///
    /// - Parameters:
    ///   - email: the stored form of the address.
    ///   - userID: for the account, should there only be an old row.
    ///   - now: the present moment in UTC.
    /// - Returns: what was found.
    /// - Throws: `.unavailable`, `.corrupt`.
    func find(
        _ email: String, userID: String, now: Timestamp
    ) async throws(StoreError) -> AccountLookup {
        let partition = AccountPartition(email: email)
        guard let oldTable else {
            return try await loadAccount(partition).map { .stored($0, leftover: nil) } ?? .none
        }
        let found = try await store.get([accountKey(partition)] + oldTable.keys(of: email))
        let old = found.dropFirst().compactMap { $0 }.first
        if let record = try record(partition, found.prefix(1).compactMap { $0 }) {
            return .stored(record, leftover: old)
        }
        guard let old else { return .none }
        return .old(try OldAccount(old, email: email, userID: userID, now: now))
    }

    /// Whether the old table has a row for an address. Costs nothing if there is no old table.
    func isInOldTable(_ email: String) async throws(StoreError) -> Bool {
        guard let keys = oldTable?.keys(of: email), !keys.isEmpty else { return false }
        return try await store.get(keys).contains { $0 != nil }
    }

    /// The account of an address, or nil. One that nobody has moved yet is moved, as it is, with
    /// `failures` that were counted before it had a row to keep them in.
    ///
    /// - Parameters:
    ///   - email: the stored form of the address.
    ///   - withSessions: whether to read all its sessions, too.
    ///   - now: the present moment in UTC.
    ///   - failures: gives those of an account that is moved.
    /// - Returns: the account as it is stored now.
    /// - Throws: `.unavailable`, `.unknownOutcome`, `.corrupt`.
    func loadMoving(
        _ email: String, withSessions: Bool, now: Timestamp,
        failures: (AccountPartition) -> AccountFailures
    ) async throws(StoreError) -> AccountRecord? {
        let partition = AccountPartition(email: email)
        let record = try await load(partition, withSessions: withSessions)
        guard record == nil, oldTable != nil else { return record }
        let found = try await find(email, userID: RandomIdentifier.make(), now: now)
        if case .old(let old) = found {
            var account = old.account
            account.failures = failures(partition)
            do throws(StoreError) {
                try await move(old, to: account, adding: nil)
            } catch {
                guard error.isLostRace else { throw error }
            }
        }
        return try await load(partition, withSessions: withSessions)
    }

    private func load(
        _ partition: AccountPartition, withSessions: Bool
    ) async throws(StoreError) -> AccountRecord? {
        withSessions ? try await load(partition) : try await loadAccount(partition)
    }

    /// Whether the old table has a row for an address that can't be read, so that nobody can move it,
    /// and there is no account with the address.
    func hasUnreadableOldRow(_ email: String, now: Timestamp) async throws(StoreError) -> Bool {
        guard oldTable != nil, try await loadAccount(AccountPartition(email: email)) == nil else {
            return false
        }
        do throws(StoreError) {
            _ = try await find(email, userID: RandomIdentifier.make(), now: now)
            return false
        } catch .corrupt {
            return true
        }
    }

    /// Moves an account: stores `account`, which is that of `old` with its user's latest change,
    /// with `session` if there is one, and removes the row from the old table.
    ///
    /// - Throws: `.alreadyExists` when somebody else has moved it; `.versionMismatch` or
    ///   `.notFound` when the old application changed or removed the row meanwhile, or somebody
    ///   wrote to the new account before that was noticed. In all these cases the caller looks
    ///   again. `.unavailable`, `.unknownOutcome`: the next lookup finds one account or the other.
    func move(
        _ old: OldAccount, to account: Account, adding session: Session?
    ) async throws(StoreError) {
        let partition = AccountPartition(email: account.email)
        var keys = [accountKey(partition)]
        var operations = [EntityOperation.insert(keys[0], account.properties)]
        if let session {
            keys.append(sessionKey(partition, session))
            operations.append(.insert(keys[1], properties(session)))
        }
        let etags = try await store.transact(partition: partition.name, operations)
        do throws(StoreError) {
            try await removeOldRow(old.key, ifMatch: old.etag)
        } catch {
            switch error {
            case .versionMismatch, .notFound:
                _ = try await store.transact(
                    partition: partition.name,
                    zip(keys, etags).map { .delete($0, ifMatch: $1) })
            case .alreadyExists, .unavailable, .cancelled, .unknownOutcome, .corrupt: break
            }
            throw error
        }
    }

    /// Removes what an interrupted move left in the old table, for somebody who has written to the
    /// account since reading it. What was written to the old table after the move is left alone: it
    /// is not what the account was created from, and it is ignored.
    func removeLeftover(_ leftover: Entity, of account: Account) async throws(StoreError) {
        guard let etag = leftover.etag, etag.text == account.movedFrom?.etag else { return }
        try await removeOldRow(leftover.key, ifMatch: etag)
    }

    /// Removes whatever the old table has for an address: before the account is removed, because
    /// anything left there would become an account again, with an old password.
    func deleteFromOldTable(_ email: String) async throws(StoreError) {
        guard let oldTable else { return }
        for key in oldTable.keys(of: email) {
            do throws(StoreError) {
                try await removeOldRow(key, ifMatch: nil)
            } catch .notFound {
                continue
            }
        }
    }

    private func removeOldRow(_ key: EntityKey, ifMatch etag: ETag?) async throws(StoreError) {
        _ = try await store.transact(
            partition: key.partition, [.delete(key, ifMatch: etag)])
    }
}
