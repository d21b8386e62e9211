package import Bytes
import Storage

extension Authenticator {
    /// Sets a new password and ends all other sessions, in one write.
    ///
    /// - Throws: `.invalidCredentials` for a wrong current password, `.passwordTooWeak`,
    ///   `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`, `.overloaded`,
    ///   `.storeUnavailable`, `.conflict`, `.deadlineExceeded`, `.cancelled`.
    package func changePassword(
        current: SecretBytes, new: SecretBytes, accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) {
        var verifiedHash: String?
        var newHash: String?
        let userID = try await retryingConflicts { () async throws(AuthError) -> String? in
            let (record, session) = try await authorize(accessToken, context)
            try await verify(current, record, &verifiedHash, context)
            if newHash == nil {
                newHash = try await hasher.hash(
                    new: new, email: try parse(record.account.email), deadline: context.deadline)
            }
            var account = record.account
            account.passwordHash = newHash ?? account.passwordHash
            account.passwordMayBeTruncated = false
            account.passwordChangedAt = now()
            account.sessionEpoch += 1
            var kept = session.session
            kept.epoch = account.sessionEpoch
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: account, keeping: session, as: kept)
            }
            return stored ? account.userID : nil
        }
        forget(userID)
    }

    /// Removes the account and its sessions; nothing of the user stays in the store.
    ///
    /// - Throws: `.invalidCredentials` for a wrong password, `.tokenInvalid`, `.tokenExpired`,
    ///   `.tokenRevoked`, `.accountDisabled`, `.overloaded`, `.storeUnavailable`, `.conflict`,
    ///   `.deadlineExceeded`, `.cancelled`.
    package func deleteUser(
        password: SecretBytes, accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) {
        var verifiedHash: String?
        let userID = try await retryingConflicts { () async throws(AuthError) -> String? in
            let (record, _) = try await authorize(accessToken, context)
            try await verify(password, record, &verifiedHash, context)
            let removed = try await writing { () async throws(StoreError) in
                try await repository.delete(record)
            }
            return removed ? record.account.userID : nil
        }
        forget(userID)
    }

    /// Checks the password of an account, unless `verifiedHash` says that it was checked against the
    /// very same hash in an earlier round.
    private func verify(
        _ password: SecretBytes, _ record: AccountRecord, _ verifiedHash: inout String?,
        _ context: RequestContext
    ) async throws(AuthError) {
        guard verifiedHash != record.account.passwordHash else { return }
        let verdict = try await hasher.verify(
            password, of: record.account, deadline: context.deadline)
        guard verdict.isCorrect else { throw .invalidCredentials }
        verifiedHash = record.account.passwordHash
    }
}
