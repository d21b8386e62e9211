import Storage

/// Adds failures to the row of an account, by conditional writes.
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

    /// One round: a write against `basis`, or against what a read finds.
    ///
    /// - Parameters:
    ///   - unsaved: what to add.
    ///   - partition: of the account.
    ///   - userID: whose failures they are.
    ///   - basis: what the failed attempt has read; nil to read.
    /// - Returns: the outcome.
    func write(
        _ unsaved: UnsavedFailures, _ partition: AccountPartition, userID: String,
        basis: AccountRecord?
    ) async -> Outcome {
        do throws(StoreError) {
            let record: AccountRecord
            if let basis {
                record = basis
            } else if let loaded = try await repository.loadAccount(partition) {
                record = loaded
            } else {
                return .gone
            }
            guard record.account.userID == userID else { return .gone }
            var account = record.account
            account.failures = unsaved.added(to: account.failures)
            try await repository.update(record, to: account, keeping: nil, as: nil)
            return .stored(account.failures)
        } catch {
            switch error {
            case .versionMismatch, .notFound, .alreadyExists: return .conflict(error)
            // The write may have happened. Counting once more is safe, and stops with the rounds.
            case .unknownOutcome: return .conflict(error)
            case .unavailable, .cancelled, .corrupt: return .failed(error)
            }
        }
    }
}
