package import Storage

extension Authenticator {
    /// Clears the failure counters of an account, for an administrator.
    ///
    /// - Parameters:
    ///   - email: of the account, in any spelling.
    ///   - context: of the call.
    /// - Returns: false when there is no such account.
    /// - Throws: `.emailInvalid`, `.storeUnavailable`, `.conflict`, `.cancelled`.
    package func unlock(
        email: String, context: RequestContext
    ) async throws(AuthError) -> Bool {
        let partition = AccountPartition(email: try parse(email).text)
        return try await retryingConflicts { () async throws(AuthError) -> Bool? in
            let loaded = try await storing { () async throws(StoreError) in
                try await repository.loadAccount(partition)
            }
            guard let record = loaded else { return false }
            context.trail.note(userID: record.account.userID)
            var account = record.account
            account.failures.unlock()
            let unlocked = account
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: unlocked, keeping: nil, as: nil)
            }
            if stored { lockout.unlocked(partition) }
            return stored ? true : nil
        }
    }

    /// When an account's credentials may all be tried again: nil when they may now, the end of the
    /// year 9999 when one is disabled until an administrator unlocks it.
    package func lockedUntil(_ account: Account) -> Timestamp? {
        account.failures.lockedUntil(at: now(), lockoutPolicy)
    }
}
