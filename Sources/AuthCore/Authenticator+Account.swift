package import Bytes
import Storage

extension Authenticator {
    /// Sets a new password and ends all other sessions, in one write. If MFA is on, the same
    /// write stores its secret sealed under the new password.
    ///
    /// A secret that can't be opened can't be resealed. A recovery code changes the password
    /// nevertheless, because a leaked password must go whatever else is broken: MFA is turned off
    /// in the same write. That is no more than the code could do in `disableMFA`.
    ///
    /// - Returns: whether MFA was on and was turned off.
    /// - Throws: `.throttled`, `.invalidCredentials` for a wrong current password,
    ///   `.mfaRequired`, `.mfaCodeInvalid`, `.mfaSecretUnreadable` (not with a recovery code),
    ///   `.passwordTooWeak`, `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`,
    ///   `.overloaded`, `.storeUnavailable`, `.conflict`, `.deadlineExceeded`, `.cancelled`,
    ///   `.internalFault`.
    @discardableResult
    package func changePassword(
        current: SecretBytes, new: SecretBytes, secondFactor: SecondFactor? = nil,
        accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> Bool {
        var check = CredentialCheck(
            password: current, factor: secondFactor, purpose: .newPassword,
            try partition(of: accessToken), self, context)
        var made: NewPassword?
        let changed = try await retryingConflicts {
            () async throws(AuthError) -> (userID: String, mfaWentOff: Bool)? in
            let (record, session) = try await authorize(accessToken, context)
            let proof = try await check.prove(record, at: now())
            let next = try await newPassword(new, record.account, proof.secret, made, context)
            made = next
            var account = record.account
            account.use(proof.factor)
            account.setPassword(next.hash, at: now())
            if let sealedSecret = next.sealedSecret {
                account.secondFactor?.sealedSecret = sealedSecret
            }
            if proof.isSecretUnreadable { account.turnMFAOff() }
            let userID = try await endOtherSessions(record, account, keeping: session)
            if userID != nil, proof.isSecretUnreadable {
                lockout.forget(Credential.codes, of: record)
            }
            return userID.map { ($0, proof.isSecretUnreadable) }
        }
        check.pass()
        forget(changed.userID)
        return changed.mfaWentOff
    }

    /// What a new password changes in an account.
    private struct NewPassword: Sendable {
        let hash: String
        /// The secret that `sealedSecret` holds.
        let secret: TOTPSecret?
        /// Under the new password; nil when MFA is off.
        let sealedSecret: String?
    }

    /// Hashes a new password and seals the secret with it, in one job; what `made` has from an
    /// earlier round is reused.
    private func newPassword(
        _ raw: SecretBytes, _ account: Account, _ secret: TOTPSecret?, _ made: NewPassword?,
        _ context: RequestContext
    ) async throws(AuthError) -> NewPassword {
        if let made, made.secret == secret { return made }
        let email = try parse(account.email)
        let result = try await hasher.run(context.deadline) {
            () -> Result<NewPassword, AuthError> in
            do throws(AuthError) {
                let hash: String
                if let made {
                    hash = made.hash
                } else {
                    let normalized = PasswordNormalization.nfc(raw)
                    hash = try self.hasher.judgeAndHash(normalized, email: email).get()
                }
                var sealedSecret: String?
                if let secret { sealedSecret = try self.seal(secret, for: .init(account, raw)) }
                return .success(
                    NewPassword(hash: hash, secret: secret, sealedSecret: sealedSecret))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Seals a secret; blocking, for a job on the pool.
    ///
    /// - Throws: `.internalFault`.
    func seal(
        _ secret: TOTPSecret, for owner: TOTPSecretSealing.Owner
    ) throws(AuthError) -> String {
        do {
            return try sealing.seal(secret, for: owner)
        } catch {
            throw .internalFault("sealing a TOTP secret failed: \(error)")
        }
    }

    /// Stores `account` in the next session epoch, together with the calling session: all others
    /// end. Returns the user id, or nil when the write lost to another one.
    func endOtherSessions(
        _ record: AccountRecord, _ changed: Account, keeping session: StoredSession
    ) async throws(AuthError) -> String? {
        var account = changed
        account.sessionEpoch += 1
        var kept = session.session
        kept.epoch = account.sessionEpoch
        let stored = try await writing { () async throws(StoreError) in
            try await repository.update(record, to: account, keeping: session, as: kept)
        }
        return stored ? account.userID : nil
    }

    /// Removes the account and its sessions; nothing about the user stays in the store.
    ///
    /// - Throws: `.throttled`, `.invalidCredentials` for a wrong password, `.mfaRequired`,
    ///   `.mfaCodeInvalid`, `.mfaSecretUnreadable`, `.tokenInvalid`, `.tokenExpired`,
    ///   `.tokenRevoked`, `.accountDisabled`, `.overloaded`, `.storeUnavailable`, `.conflict`,
    ///   `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func deleteUser(
        password: SecretBytes, secondFactor: SecondFactor? = nil, accessToken: SecretBytes,
        context: RequestContext
    ) async throws(AuthError) {
        var check = CredentialCheck(
            password: password, factor: secondFactor, purpose: .code,
            try partition(of: accessToken), self, context)
        let userID = try await retryingConflicts { () async throws(AuthError) -> String? in
            let (record, _) = try await authorize(
                accessToken, context, loading: .allSessions)
            _ = try await check.prove(record, at: now())
            let removed = try await writing { () async throws(StoreError) in
                try await repository.delete(record.remains)
            }
            return removed ? record.account.userID : nil
        }
        forget(userID)
    }
}
