package import Bytes
package import Storage

/// What an administrator hands to a user who has lost their password.
package struct IssuedPasswordReset: Sendable {
    /// For `resetPassword`, once.
    package let token: SecretBytes
    package let expiresAt: Timestamp
}

/// What a password reset did.
package struct PasswordResetOutcome: Sendable, Equatable {
    package let userID: String
    /// Whether MFA was on: its secret was sealed with the old password and is gone.
    package let turnedMFAOff: Bool
}

extension Authenticator {
    /// How long a password reset token is valid: time to reach the user, and little more.
    package static let passwordResetLifetime: Duration = .seconds(3600)

    /// Creates a one-time token with which the user with an address sets a new password. An earlier
    /// one becomes invalid. Until the token is used, nothing changes for the user.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.accountDisabled`, `.storeUnavailable`,
    ///   `.conflict`, `.cancelled`.
    package func issuePasswordReset(
        email: String, context: RequestContext
    ) async throws(AuthError) -> IssuedPasswordReset {
        let token = PasswordResetToken(for: AccountPartition(email: try parse(email).text))
        let expiresAt = now().advanced(by: Authenticator.passwordResetLifetime)
        try await administer(email, context) { account throws(AuthError) in
            guard !account.isDisabled else { throw .accountDisabled }
            account.passwordReset = PendingPasswordReset(
                tokenHash: token.hash(userID: account.userID), expiresAt: expiresAt)
        }
        return IssuedPasswordReset(token: token.text, expiresAt: expiresAt)
    }

    /// Sets a new password for the holder of a token from `issuePasswordReset`. All sessions end,
    /// and MFA is turned off: its secret can't be opened without the old password.
    ///
    /// The token is checked against the exact version of the account that is replaced, and is
    /// removed with that write: of two concurrent uses, on whatever daemons, one is refused. A
    /// password that is too weak does not use it up.
    ///
    /// - Throws: `.tokenInvalid` for a token that is not the account's last one or was used,
    ///   `.tokenExpired`, `.accountDisabled`, `.passwordTooWeak`, `.overloaded`,
    ///   `.storeUnavailable`, `.conflict`, `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func resetPassword(
        token text: SecretBytes, new password: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> PasswordResetOutcome {
        guard let token = PasswordResetToken(text) else { throw .tokenInvalid }
        var made: String?
        let outcome = try await retryingConflicts {
            () async throws(AuthError) -> PasswordResetOutcome? in
            let loaded = try await storing { () async throws(StoreError) in
                try await repository.loadAccount(token.partition)
            }
            let record = try checked(token, loaded)
            context.trail.note(userID: record.account.userID)
            let hash: String
            if let made {
                hash = made
            } else {
                hash = try await hasher.hash(
                    new: password, email: try parse(record.account.email),
                    deadline: context.deadline)
                made = hash
            }
            var account = record.account
            account.setPassword(hash, at: now())
            account.sessionEpoch += 1
            // An administrator has just let the user in again.
            account.failures.unlock()
            // Also ends enrollments that were begun by whoever had the old password.
            account.turnMFAOff()
            let changed = account
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: changed, keeping: nil, as: nil)
            }
            return stored
                ? PasswordResetOutcome(
                    userID: account.userID, turnedMFAOff: record.account.secondFactor != nil)
                : nil
        }
        forget(outcome.userID)
        return outcome
    }

    /// The account for which a token is now valid. The same work is done whether there is an
    /// account or not, and whether or not a reset is pending for it.
    private func checked(
        _ token: PasswordResetToken, _ record: AccountRecord?
    ) throws(AuthError) -> AccountRecord {
        let pending = record?.account.passwordReset
        let hash = token.hash(userID: record?.account.userID ?? RandomIdentifier.make())
        let matches = constantTimeEqual(
            pending?.tokenHash ?? [UInt8](repeating: 0, count: hash.count), hash)
        guard matches, let pending, let record else { throw .tokenInvalid }
        guard now() < pending.expiresAt else { throw .tokenExpired }
        guard !record.account.isDisabled else { throw .accountDisabled }
        return record
    }
}
