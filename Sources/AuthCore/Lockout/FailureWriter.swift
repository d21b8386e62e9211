import Storage

/// Adds failures to the row of an account, by conditional writes. A user of the old table has no row
/// for them: the account is moved with them, as it is, so that they survive a restart and hold for
/// every daemon.
struct FailureWriter: Sendable {
    enum Outcome: Sendable {
        /// What the row now contains.
        case stored(AccountFailures)
        /// Another write came in between; try again.
        case conflict(StoreError)
        /// The account no longer exists.
        case gone
        /// The store does not accept it.
        case failed(StoreError)
    }

    /// Logins of one account also write its row; each round here lets one of them through.
    static let roundsMax = 64

    let repository: AccountRepository
    let now: @Sendable () -> Timestamp

    /// One round: a write against `basis`, or against what a read finds.
    ///
    /// - Parameters:
    ///   - unsaved: what to add.
    ///   - partition: of the account.
    ///   - owner: whose failures they are.
    ///   - basis: what the failed attempt has read; `.none` to read.
    /// - Returns: the outcome.
    func write(
        _ unsaved: UnsavedFailures, _ partition: AccountPartition, owner: FailureOwner,
        basis: AccountLookup
    ) async -> Outcome {
        do throws(StoreError) {
            switch try await lookup(partition, owner, basis) {
            case .none:
                return .gone
            case .stored(let record, _):
                guard owner.owns(record.account) else { return .gone }
                var account = record.account
                account.failures = unsaved.added(to: account.failures)
                try await repository.update(record, to: account, keeping: nil, as: nil)
                return .stored(account.failures)
            case .old(let old):
                var account = old.account
                account.failures = unsaved.added(to: account.failures)
                try await repository.move(old, to: account, adding: nil)
                return .stored(account.failures)
            }
        } catch {
            switch error {
            case .versionMismatch, .notFound, .alreadyExists: return .conflict(error)
            // The write may have happened. Counting once more is safe, and stops with the rounds.
            case .unknownOutcome: return .conflict(error)
            case .unavailable, .cancelled, .corrupt: return .failed(error)
            }
        }
    }

    private func lookup(
        _ partition: AccountPartition, _ owner: FailureOwner, _ basis: AccountLookup
    ) async throws(StoreError) -> AccountLookup {
        switch (owner, basis) {
        case (_, .stored), (.unmoved, .old):
            return basis
        case (.account, _):
            return try await repository.loadAccount(partition).map { .stored($0, leftover: nil) }
                ?? .none
        case (.unmoved(let email), .none):
            let found = try await repository.find(
                email, userID: RandomIdentifier.make(), now: now())
            guard case .none = found else { return found }
            // While it is being moved, the row that is read first may not be there yet, and the other
            // one no longer.
            return try await repository.loadAccount(partition).map { .stored($0, leftover: nil) }
                ?? .none
        }
    }
}

extension FailureOwner {
    /// Whether failures that were counted for this owner are those of `account`.
    fileprivate func owns(_ account: Account) -> Bool {
        switch self {
        case .account(let userID): account.userID == userID
        case .unmoved: account.movedFrom != nil
        }
    }
}
