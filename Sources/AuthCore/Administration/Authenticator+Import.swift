package import Bytes
import Cryptography
import Storage

extension Authenticator {
    /// What became of an account that was to be imported.
    package struct ImportOutcome: Sendable, Equatable {
        /// Nil when a new account was only checked.
        package let userID: String?
        /// Whether it was already there, from an earlier import of the same account.
        package let wasThere: Bool
    }

    /// Stores an account with its password hash, if there is none with its address. Idempotent: the
    /// same account can be imported again, even after its user has logged in and has a new hash.
    ///
    /// Nothing is hashed here. The hash is checked, and replaced by one of the current scheme, when
    /// the user logs in.
    ///
    /// - Parameters:
    ///   - imported: the account.
    ///   - isDryRun: whether to only check, and store nothing.
    ///   - context: of the call.
    /// - Returns: the account's id.
    /// - Throws: `.emailInvalid`, `.argumentInvalid` saying which field and why, `.emailTaken` by
    ///   another account, `.storeUnavailable`, `.conflict`, `.cancelled`, `.internalFault`.
    package func importAccount(
        _ imported: PortableAccount, isDryRun: Bool, context: RequestContext
    ) async throws(AuthError) -> ImportOutcome {
        let account = try account(of: imported)
        return try await retryingConflicts { () async throws(AuthError) -> ImportOutcome? in
            let found = try await storing { () async throws(StoreError) in
                try await repository.find(account.email, userID: account.userID, now: now())
            }
            switch found {
            case .none: break
            case .old: throw .emailTaken
            case .stored(let record, _):
                guard isSame(record.account, imported) else { throw .emailTaken }
                context.trail.note(userID: record.account.userID)
                return ImportOutcome(userID: record.account.userID, wasThere: true)
            }
            guard !isDryRun else { return ImportOutcome(userID: nil, wasThere: false) }
            let stored = try await writing { () async throws(StoreError) in
                try await repository.insert(account)
            }
            context.trail.note(userID: account.userID)
            return stored ? ImportOutcome(userID: account.userID, wasThere: false) : nil
        }
    }

    /// Accounts as `importAccount` takes them, some at a time; see
    /// `accounts(after:count:context:)`.
    ///
    /// - Throws: `.argumentInvalid`, `.storeUnavailable`, `.cancelled`.
    package func exportedAccounts(
        after token: SecretBytes?, count: Int, context: RequestContext
    ) async throws(AuthError) -> AccountPage<PortableAccount> {
        try await page(after: token, count: count) { PortableAccount($0.account) }
    }

    /// The account to store.
    private func account(of imported: PortableAccount) throws(AuthError) -> Account {
        let email = try parse(imported.email)
        let hash: PasswordHash
        do {
            hash = try PasswordHash(parsing: imported.passwordHash)
        } catch {
            throw .argumentInvalid("password_hash: \(error)")
        }
        let userID = imported.userID ?? RandomIdentifier.make()
        guard RandomIdentifier.isValid(userID) else {
            throw .argumentInvalid("user_id is not 26 characters of a to z and 2 to 7")
        }
        var account = Account(
            userID: userID, email: email.text, passwordHash: imported.passwordHash,
            createdAt: try storable(imported.createdAt, "created_at") ?? now())
        account.passwordMayBeTruncated = hash.isPlainBcrypt && !imported.isWholePassword
        account.isDisabled = imported.isDisabled
        account.lastLoginAt = try storable(imported.lastLoginAt, "last_login_at")
        account.importDigest = importDigest(imported.passwordHash, userID)
        account.secondFactor = try secondFactor(of: imported, userID)
        return account
    }

    /// The second factor to store. A plain secret is sealed only under the server's key: there is
    /// no password to seal it with before the user logs in.
    private func secondFactor(
        of imported: PortableAccount, _ userID: String
    ) throws(AuthError) -> AccountSecondFactor? {
        switch imported.secondFactor {
        case nil:
            return nil
        case .plain(let base32):
            guard let bytes = Base32.decode(base32), let secret = TOTPSecret(bytes) else {
                throw .argumentInvalid(
                    "totp_secret_base32 must be \(TOTPSecret.byteCounts.lowerBound) to"
                        + " \(TOTPSecret.byteCounts.upperBound) bytes in base32")
            }
            do {
                return AccountSecondFactor(
                    sealedSecret: try sealing.sealWithoutPassword(secret, userID: userID),
                    enabledAt: now(), lastStep: nil, recoveryCodes: RecoveryCodes())
            } catch {
                throw .internalFault("sealing an imported TOTP secret failed: \(error)")
            }
        case .sealed(let sealed):
            guard imported.userID != nil else {
                throw .argumentInvalid("mfa can only be opened with the user_id it was sealed for")
            }
            guard sealing.canOpen(sealed.sealedSecret, userID: userID) else {
                throw .argumentInvalid(
                    "mfa.sealed_secret is malformed, or sealed under a key this daemon does not"
                        + " have: set AUTHD_OLDER_ENCRYPTION_KEYS")
            }
            _ = try storable(sealed.enabledAt, "mfa.enabled_at")
            guard (sealed.lastStep ?? 0) >= 0 else {
                throw .argumentInvalid("mfa.last_step is negative")
            }
            return sealed
        }
    }

    private func isSame(_ present: Account, _ imported: PortableAccount) -> Bool {
        if let userID = imported.userID, userID != present.userID { return false }
        return present.passwordHash == imported.passwordHash
            || present.importDigest == importDigest(imported.passwordHash, present.userID)
    }

    /// What is stored about an imported hash after the user's login has replaced it.
    private func importDigest(_ passwordHash: String, _ userID: String) -> [UInt8] {
        SHA256.digest(Array("authd import v1$\(userID)$\(passwordHash)".utf8))
    }

    private func storable(
        _ moment: Timestamp?, _ field: String
    ) throws(AuthError) -> Timestamp? {
        guard let moment else { return nil }
        guard EntityLimits.timestamps.contains(moment) else {
            throw .argumentInvalid("\(field) is before 1601 or after 9999")
        }
        return moment
    }
}
