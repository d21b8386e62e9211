package import Storage

extension Authenticator {
    /// Clears the failure counters of an account, for an administrator.
    ///
    /// - Parameters:
    ///   - email: of the account, in any spelling.
    ///   - context: of the call.
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.storeUnavailable`, `.conflict`, `.cancelled`.
    package func unlock(email: String, context: RequestContext) async throws(AuthError) {
        let record = try await administer(email, context) { $0.failures.unlock() }
        lockout.unlocked(record.partition)
    }

    /// When an account's credentials may all be tried again: nil when they may now, the end of the
    /// year 9999 when one is disabled until an administrator unlocks it.
    package func lockedUntil(_ account: Account) -> Timestamp? {
        account.failures.lockedUntil(at: now(), lockoutPolicy)
    }
}
