package import Bytes
import Storage

extension Authenticator {
    /// Tests an authenticator code, which uses it up.
    ///
    /// - Throws: `.mfaNotEnabled`, `.throttled`, `.invalidCredentials`, `.mfaCodeInvalid`,
    ///   `.mfaSecretUnreadable`, `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`,
    ///   `.accountDisabled`, `.overloaded`, `.storeUnavailable`, `.conflict`, `.deadlineExceeded`,
    ///   `.cancelled`, `.internalFault`.
    package func validateMFA(
        password: SecretBytes, code: SecretBytes, accessToken: SecretBytes,
        context: RequestContext
    ) async throws(AuthError) {
        try await changingSecondFactor(password, .totp(code), accessToken, context) {
            record, account, _ async throws(AuthError) -> Void? in
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: account, keeping: nil, as: nil)
            }
            return stored ? () : nil
        }
    }

    /// Turns MFA off: deletes secret and recovery codes from the store, and ends all other
    /// sessions.
    ///
    /// - Throws: `.mfaNotEnabled`, `.throttled`, `.invalidCredentials`, `.mfaRequired`,
    ///   `.mfaCodeInvalid`, `.mfaSecretUnreadable` (not with a recovery code), `.tokenInvalid`,
    ///   `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`, `.overloaded`, `.storeUnavailable`,
    ///   `.conflict`, `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func disableMFA(
        password: SecretBytes, secondFactor: SecondFactor?, accessToken: SecretBytes,
        context: RequestContext
    ) async throws(AuthError) {
        let userID = try await changingSecondFactor(password, secondFactor, accessToken, context) {
            record, account, session async throws(AuthError) -> String? in
            var account = account
            account.turnMFAOff()
            let userID = try await endOtherSessions(record, account, keeping: session)
            if userID != nil { lockout.forget(Credential.codes, of: record) }
            return userID
        }
        forget(userID)
    }

    /// Creates new recovery codes; the old ones become invalid.
    ///
    /// - Returns: the codes, which can't be shown again.
    /// - Throws: `.mfaNotEnabled`, `.throttled`, `.invalidCredentials`, `.mfaCodeInvalid`,
    ///   `.mfaSecretUnreadable`, `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`,
    ///   `.accountDisabled`, `.overloaded`, `.storeUnavailable`, `.conflict`, `.deadlineExceeded`,
    ///   `.cancelled`, `.internalFault`.
    package func regenerateRecoveryCodes(
        password: SecretBytes, code: SecretBytes, accessToken: SecretBytes,
        context: RequestContext
    ) async throws(AuthError) -> [SecretBytes] {
        try await changingSecondFactor(password, .totp(code), accessToken, context) {
            record, account, _ async throws(AuthError) -> [SecretBytes]? in
            let (codes, left) = RecoveryCodes.random(userID: account.userID)
            var account = account
            account.secondFactor?.recoveryCodes = left
            // What failed before were others.
            account.failures.clear(.recoveryCode)
            let changed = account
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: changed, keeping: nil, as: nil)
            }
            guard stored else { return nil }
            lockout.forget([.recoveryCode], of: record)
            return codes.map(\.text)
        }
    }

    /// Runs a change to an account that has MFA, for a caller who presents password and second
    /// factor.
    ///
    /// - Parameters:
    ///   - password: as it came.
    ///   - factor: as it came; nil is refused as `.mfaRequired`.
    ///   - accessToken: names the account.
    ///   - context: of the call.
    ///   - change: gets what was read, the account with the code used up, and the caller's session;
    ///     it stores the account, or returns nil when the write lost to another one.
    /// - Returns: what `change` returned.
    /// - Throws: what `validateMFA` throws, and `.mfaRequired`.
    private func changingSecondFactor<Value>(
        _ password: SecretBytes, _ factor: SecondFactor?, _ accessToken: SecretBytes,
        _ context: RequestContext,
        _ change: (AccountRecord, Account, StoredSession) async throws(AuthError) -> Value?
    ) async throws(AuthError) -> Value {
        var check = CredentialCheck(
            password: password, factor: factor, purpose: .code, try partition(of: accessToken),
            self, context)
        let value = try await retryingConflicts { () async throws(AuthError) in
            let (record, session) = try await authorize(accessToken, context)
            guard record.account.secondFactor != nil else { throw .mfaNotEnabled }
            let proof = try await check.prove(record, at: now())
            var account = record.account
            account.use(proof.factor)
            return try await change(record, account, session)
        }
        check.pass()
        return value
    }
}
