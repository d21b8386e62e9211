import Bytes
import Storage

/// The password and the second factor of one call, checked against an account as often as the call
/// reads it.
///
/// What is deliberately slow runs once, in one job on the pool: bcrypt, and, if the password is
/// right and a well-formed code was sent, the PBKDF2 that opens the secret. Later rounds use the
/// results for as long as the account has the same hash and the same sealed secret. The code itself
/// is checked in every round, against the last step and the recovery codes that were read.
///
/// Before anything is checked the lockout is asked, and told the outcome after. The check is made
/// before the account is read, so that no failure that comes between escapes it. The code of a login
/// for which there is no room yet is asked for again when the password is right, and its secret is
/// opened in a job of its own.
struct CredentialCheck {
    /// What the secret is opened for.
    enum Purpose {
        /// To check a code.
        case code
        /// To check a code, and to reseal the secret if it does not have the current form.
        case codeAndResealing
        /// To seal it under another password: opened even when a recovery code was sent.
        case newPassword
    }

    /// What was proven about an account.
    struct Proof {
        /// A hash to store instead of the old one, whose scheme or cost is not current.
        let replacementHash: String?
        /// Nil when MFA is off.
        let factor: SecondFactorProof?
        /// The secret, if it was opened.
        var secret: TOTPSecret?
        /// Whether the secret was to be opened for another password but can't be. An
        /// authenticator code is refused then, so this only happens with a recovery code.
        var isSecretUnreadable = false
    }

    /// What a job found out.
    private struct Found: Sendable {
        let userID: String?
        let passwordHash: String?
        let verdict: PasswordHasher.Verdict
        /// What was opened, or was to be opened.
        var sealedSecret: String?
        var opened: Result<TOTPSecret, AuthError>?
        var resealed: String?
    }

    private let password: SecretBytes
    private let factor: SecondFactor?
    private let purpose: Purpose
    private let hasher: PasswordHasher
    private let sealing: TOTPSecretSealing
    private let context: RequestContext
    private let visit: LockoutVisit
    private let claim: LockoutVisit.Claim
    private var found: Found?

    /// - Parameters:
    ///   - password: as received.
    ///   - factor: as received; nil when there was none.
    ///   - purpose: what the secret is opened for.
    ///   - enrolls: whether it comes with a code that is not the account's second factor yet.
    ///   - partition: of the account, which is read afterwards.
    ///   - authenticator: whose hasher and keys are used.
    ///   - context: of the call.
    init(
        password: SecretBytes, factor: SecondFactor?, purpose: Purpose, enrolls: Bool = false,
        _ partition: AccountPartition, _ authenticator: Authenticator, _ context: RequestContext
    ) {
        self.password = password
        self.factor = factor
        self.purpose = purpose
        hasher = authenticator.hasher
        sealing = authenticator.sealing
        self.context = context
        visit = authenticator.lockout.visit(partition)
        // A login has proven nothing yet: that a code must wait, or that there is room for few, would
        // reveal that there is an account.
        claim = LockoutVisit.Claim(
            password: password, code: enrolls ? .totpCode : factor?.credential,
            hidesCodeWait: purpose == .codeAndResealing)
    }

    /// Checks the password, and, if MFA is on, the second factor.
    ///
    /// - Parameters:
    ///   - lookup: the account as it was read in this round; `.none` costs the same.
    ///   - now: the present moment in UTC.
    /// - Returns: what was proven.
    /// - Throws: `.throttled`, `.invalidCredentials` also without an account or for a disabled one,
    ///   `.mfaRequired`, `.mfaCodeInvalid`, `.mfaSecretUnreadable`, `.overloaded`,
    ///   `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    mutating func prove(
        _ lookup: AccountLookup, at now: Timestamp
    ) async throws(AuthError) -> Proof {
        let codeMayBeSeen = try await visit.admit(claim, lookup, context)
        let account = lookup.account
        var found = try await find(account, codeMayBeSeen: codeMayBeSeen, at: now)
        guard found.verdict.isCorrect, let account, !account.isDisabled else {
            visit.fail(.password)
            throw .invalidCredentials
        }
        if !codeMayBeSeen, account.secondFactor != nil {
            try await visit.admitCode(context)
            found = try await find(account, codeMayBeSeen: true, at: now)
        }
        let factor: SecondFactorProof?
        do throws(AuthError) {
            factor = try prove(account, found, at: now)
        } catch {
            if case .mfaCodeInvalid = error { failCode() }
            throw error
        }
        var proof = Proof(replacementHash: found.verdict.replacement, factor: factor)
        guard proof.factor != nil, let opened = found.opened else { return proof }
        do throws(AuthError) {
            proof.secret = try opened.get()
        } catch {
            guard case .mfaSecretUnreadable = error else { throw error }
            proof.isSecretUnreadable = true
        }
        return proof
    }

    /// The same for an account that the caller's access token names.
    mutating func prove(
        _ record: AccountRecord, at now: Timestamp
    ) async throws(AuthError) -> Proof {
        try await prove(.stored(record, leftover: nil), at: now)
    }

    /// Counts a code that was wrong.
    func failCode() {
        visit.fail(claim.code ?? .totpCode)
    }

    /// To be called when the proof has been used: the account is stored without its failures.
    func pass() {
        visit.pass()
    }

    /// What is known about the account, from an earlier round or by a job.
    private mutating func find(
        _ account: Account?, codeMayBeSeen: Bool, at now: Timestamp
    ) async throws(AuthError) -> Found {
        // The user id too: what was resealed was sealed for one account.
        let isSame =
            found?.passwordHash == account?.passwordHash && found?.userID == account?.userID
        let known = isSame ? found : nil
        let opens = codeMayBeSeen && opensSecret(of: account)
        if let known {
            let isOpen = known.sealedSecret == account?.secondFactor?.sealedSecret
            if !opens || isOpen || !known.verdict.isCorrect { return known }
        }
        let (check, verdict) = (self, known?.verdict)
        let result = try await hasher.run(context.deadline) { () -> Result<Found, AuthError> in
            check.work(account, verdict, opens: opens, at: now)
        }
        let found = try result.get()
        self.found = found
        return found
    }

    private func opensSecret(of account: Account?) -> Bool {
        guard account?.secondFactor != nil, let factor else { return false }
        return factor.totpCode != nil || purpose == .newPassword
    }

    /// The job: everything that blocks.
    private func work(
        _ account: Account?, _ known: PasswordHasher.Verdict?, opens: Bool, at now: Timestamp
    ) -> Result<Found, AuthError> {
        let normalized = PasswordNormalization.nfc(password)
        let verdict: PasswordHasher.Verdict
        if let known {
            verdict = known
        } else {
            switch hasher.check(password, normalized: normalized, of: account) {
            case .success(let checked): verdict = checked
            case .failure(let error): return .failure(error)
            }
        }
        var found = Found(
            userID: account?.userID, passwordHash: account?.passwordHash, verdict: verdict)
        if opens, verdict.isCorrect, let account, !account.isDisabled,
            let factor = account.secondFactor
        {
            found.sealedSecret = factor.sealedSecret
            found.opened = open(
                factor, for: .init(account, password), at: now, resealed: &found.resealed)
        }
        return .success(found)
    }

    private func open(
        _ stored: AccountSecondFactor, for owner: TOTPSecretSealing.Owner, at now: Timestamp,
        resealed: inout String?
    ) -> Result<TOTPSecret, AuthError> {
        do throws(SecondFactorError) {
            let opened = try sealing.open(stored.sealedSecret, for: owner)
            if purpose == .codeAndResealing, opened.needsResealing,
                let code = factor?.totpCode,
                TOTP.acceptedStep(
                    of: code, secret: opened.secret, at: now, after: stored.lastStep) != nil
            {
                resealed = try sealing.seal(opened.secret, for: owner)
            }
            return .success(opened.secret)
        } catch {
            return .failure(AuthError(opening: error))
        }
    }

    /// Checks the code against the account as it was read.
    private func prove(
        _ account: Account, _ found: Found, at now: Timestamp
    ) throws(AuthError) -> SecondFactorProof? {
        guard let stored = account.secondFactor else { return nil }
        switch factor {
        case nil:
            throw .mfaRequired
        case .totp(let text):
            guard let code = TOTPCode(text), let secret = try found.opened?.get(),
                let step = TOTP.acceptedStep(
                    of: code, secret: secret, at: now, after: stored.lastStep)
            else { throw .mfaCodeInvalid }
            return SecondFactorProof(method: .totp(step: step), resealed: found.resealed)
        case .recovery(let text):
            guard let code = RecoveryCode(text),
                let left = stored.recoveryCodes.consuming(code, userID: account.userID)
            else { throw .mfaCodeInvalid }
            return SecondFactorProof(method: .recovery(left: left), resealed: nil)
        }
    }
}

extension TOTPSecretSealing.Owner {
    /// - Parameters:
    ///   - account: whose secret it is.
    ///   - password: as received.
    init(_ account: Account, _ password: SecretBytes) {
        self.init(
            userID: account.userID, email: account.email,
            password: PasswordNormalization.nfc(password), rawPassword: password,
            oldEmail: account.movedFrom?.email)
    }
}

extension AuthError {
    /// What an unreadable sealed secret means to a caller.
    init(opening error: SecondFactorError) {
        switch error {
        case .malformed, .unreadable, .expired: self = .mfaSecretUnreadable
        case .cryptography(let cause):
            self = .internalFault("opening a TOTP secret failed: \(cause)")
        }
    }
}
