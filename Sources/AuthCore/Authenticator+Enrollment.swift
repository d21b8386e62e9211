package import Bytes
package import Storage

/// What a user needs to set up an authenticator.
package struct MFAEnrollment: Sendable {
    /// For `verifyMFA`, within 10 minutes.
    package let token: SecretBytes
    /// The secret in base32, for typing.
    package let secretBase32: SecretBytes
    /// The same as a URI, for scanning.
    package let uri: OTPAuthURI
}

/// Whether an account has MFA.
package struct MFAStatus: Sendable, Equatable {
    /// Whether it is on.
    package let isEnabled: Bool
    /// Since when; nil when it is off, or when the time was not recorded.
    package let enabledAt: Timestamp?
    /// How many recovery codes are still unused.
    package let recoveryCodesLeft: Int

    package init(isEnabled: Bool, enabledAt: Timestamp?, recoveryCodesLeft: Int) {
        self.isEnabled = isEnabled
        self.enabledAt = enabledAt
        self.recoveryCodesLeft = recoveryCodesLeft
    }
}

extension Authenticator {
    /// Starts to enroll an authenticator. Nothing is stored: everything is in the token.
    ///
    /// - Throws: `.mfaAlreadyEnabled`, `.throttled`, `.invalidCredentials`, `.tokenInvalid`,
    ///   `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`, `.overloaded`, `.storeUnavailable`,
    ///   `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func registerMFA(
        password: SecretBytes, accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> MFAEnrollment {
        var check = CredentialCheck(
            password: password, factor: nil, purpose: .code, try partition(of: accessToken),
            self, context)
        let record = try await authorize(accessToken, context).record
        let account = record.account
        guard account.secondFactor == nil else { throw .mfaAlreadyEnabled }
        _ = try await check.prove(record, at: now())
        let secret = TOTPSecret.random()
        let token: SecretBytes
        do {
            token = try enrollmentTokens.seal(secret, for: subject(account), at: now())
        } catch {
            throw .internalFault("sealing an enrollment token failed: \(error)")
        }
        return MFAEnrollment(
            token: token, secretBase32: secret.base32,
            uri: OTPAuthURI(issuer: mfaIssuer, email: account.email, secret: secret))
    }

    /// Finishes an enrollment: MFA is on, the first code is used up, and all other sessions end.
    ///
    /// The secret is sealed under the password that was checked against the exact version of the
    /// account that is replaced: a password change in between makes this start over.
    ///
    /// - Returns: the recovery codes, which can't be shown again.
    /// - Throws: `.mfaAlreadyEnabled`, `.throttled`, `.invalidCredentials`,
    ///   `.mfaEnrollmentInvalid`, `.mfaCodeInvalid`, `.tokenInvalid`, `.tokenExpired`,
    ///   `.tokenRevoked`, `.accountDisabled`, `.overloaded`, `.storeUnavailable`, `.conflict`,
    ///   `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func verifyMFA(
        password: SecretBytes, enrollmentToken: SecretBytes, code: SecretBytes,
        accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> [SecretBytes] {
        var check = CredentialCheck(
            password: password, factor: nil, purpose: .code, enrolls: true,
            try partition(of: accessToken), self, context)
        var sealedSecret: String?
        let result = try await retryingConflicts {
            () async throws(AuthError) -> (userID: String, codes: [RecoveryCode])? in
            let (record, session) = try await authorize(accessToken, context)
            guard record.account.secondFactor == nil else { throw .mfaAlreadyEnabled }
            _ = try await check.prove(record, at: now())
            let first: (secret: TOTPSecret, step: Int64)
            do throws(AuthError) {
                first = try open(enrollmentToken, code, for: record.account)
            } catch {
                if case .mfaCodeInvalid = error { check.failCode() }
                throw error
            }
            // Valid for later rounds too: the password has been checked again if necessary.
            let sealed: String
            if let sealedSecret {
                sealed = sealedSecret
            } else {
                sealed = try await seal(first.secret, password, record.account, context)
                sealedSecret = sealed
            }
            let (codes, stored) = RecoveryCodes.random(userID: record.account.userID)
            var account = record.account
            account.secondFactor = AccountSecondFactor(
                sealedSecret: sealed, enabledAt: now(), lastStep: first.step,
                recoveryCodes: stored)
            account.mfaEpoch += 1
            // The codes are new: earlier failures were about others.
            for credential in Credential.allCases { account.failures.clear(credential) }
            let userID = try await endOtherSessions(record, account, keeping: session)
            return userID.map { ($0, codes) }
        }
        check.pass()
        forget(result.userID)
        return result.codes.map(\.text)
    }

    /// Whether MFA is on.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`,
    ///   `.storeUnavailable`.
    package func mfaStatus(
        accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> MFAStatus {
        let factor = try await authorize(accessToken, context).record.account.secondFactor
        return MFAStatus(
            isEnabled: factor != nil, enabledAt: factor?.enabledAt,
            recoveryCodesLeft: factor?.recoveryCodes.count ?? 0)
    }

    /// The secret in an enrollment token, and the step of the code that shows that an authenticator
    /// has it.
    private func open(
        _ token: SecretBytes, _ code: SecretBytes, for account: Account
    ) throws(AuthError) -> (secret: TOTPSecret, step: Int64) {
        let now = now()
        let secret: TOTPSecret
        do throws(SecondFactorError) {
            secret = try enrollmentTokens.open(token, for: subject(account), at: now)
        } catch {
            switch error {
            case .malformed, .unreadable, .expired: throw .mfaEnrollmentInvalid
            case .cryptography(let cause):
                throw .internalFault("opening an enrollment token failed: \(cause)")
            }
        }
        guard let code = TOTPCode(code),
            let step = TOTP.acceptedStep(of: code, secret: secret, at: now, after: nil)
        else { throw .mfaCodeInvalid }
        return (secret, step)
    }

    /// Seals a secret under a password, on the pool.
    private func seal(
        _ secret: TOTPSecret, _ password: SecretBytes, _ account: Account,
        _ context: RequestContext
    ) async throws(AuthError) -> String {
        let result = try await hasher.run(context.deadline) { () -> Result<String, AuthError> in
            do throws(AuthError) {
                return .success(try self.seal(secret, for: .init(account, password)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func subject(_ account: Account) -> EnrollmentToken.Subject {
        EnrollmentToken.Subject(userID: account.userID, mfaEpoch: account.mfaEpoch)
    }
}
