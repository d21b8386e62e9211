package import Bytes
package import Storage

/// What a session's owner gets: two tokens and when they end.
package struct IssuedTokens: Sendable {
    package let access: SecretBytes
    package let accessExpiresAt: Timestamp
    package let refresh: SecretBytes
    package let refreshExpiresAt: Timestamp
    package let sessionID: String
    package let userID: String
    /// How many recovery codes the account has, after a login with a second factor; else nil.
    package var recoveryCodesLeft: Int?
}

extension Authenticator {
    /// Starts a session.
    ///
    /// The session is stored in one transaction with the account row it was decided on: a password
    /// change, a disabling or a delete that comes between makes the login start over, with the
    /// password checked again where the hash has changed.
    ///
    /// The sessions are read after the password has been checked. A refusal would otherwise take
    /// longer for an account with many of them than for an address without an account.
    ///
    /// So is the second factor, where MFA is on: the code that was sent is used up in the same
    /// transaction, so that of two logins with one code, on whatever daemons, one is refused.
    ///
    /// - Throws: `.emailInvalid`, `.invalidCredentials`, `.mfaRequired`, `.mfaCodeInvalid`,
    ///   `.mfaSecretUnreadable`, `.overloaded`, `.storeUnavailable`, `.conflict`,
    ///   `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func login(
        email: String, password: SecretBytes, secondFactor: SecondFactor? = nil,
        context: RequestContext
    ) async throws(AuthError) -> IssuedTokens {
        let partition = AccountPartition(email: try parse(email).text)
        var check = CredentialCheck(
            password: password, factor: secondFactor, purpose: .codeAndResealing, self, context)
        return try await retryingConflicts { () async throws(AuthError) in
            let account = try await storing { () async throws(StoreError) in
                try await repository.loadAccount(partition)?.account
            }
            if let account { context.trail.note(userID: account.userID) }
            _ = try await check.prove(account, at: now())
            let loaded = try await storing { () async throws(StoreError) in
                try await repository.load(partition)
            }
            guard let record = loaded else { return nil }
            // Once more for the version that is written over: it costs nothing where hash and
            // sealed secret are still the same, and another login may have used the code up.
            let proof = try await check.prove(record.account, at: now())
            return try await startSession(record, proof, context)
        }
    }

    /// Stores a new session; nil when the account or a session changed meanwhile.
    private func startSession(
        _ record: AccountRecord, _ proof: CredentialCheck.Proof, _ context: RequestContext
    ) async throws(AuthError) -> IssuedTokens? {
        let now = now()
        var account = record.account
        account.lastLoginAt = now
        if let replacement = proof.replacementHash {
            account.passwordHash = replacement
            account.passwordMayBeTruncated = false
        }
        account.use(proof.factor)
        let session = Session(
            sessionID: RandomIdentifier.make(), account: account, now: now,
            authenticationMethods: ["pwd"] + (proof.factor.map { [$0.name] } ?? []),
            clientName: context.clientName ?? "",
            clientAddress: context.clientAddress ?? "")
        context.trail.note(sessionID: session.sessionID)
        let evicted = evictions(of: record, at: now)
        let stored = try await writing { () async throws(StoreError) in
            try await repository.update(record, to: account, adding: session, evicting: evicted)
        }
        guard stored else { return nil }
        for eviction in evicted { forget(eviction.session.sessionID) }
        var tokens = try issue(for: session, of: account, in: record.partition, now: now)
        tokens.recoveryCodesLeft = account.secondFactor?.recoveryCodes.count
        return tokens
    }

    /// The sessions that must go so that a new one fits: dead ones first, then the longest unused.
    private func evictions(of record: AccountRecord, at now: Timestamp) -> [StoredSession] {
        let excess = record.sessions.count + 1 - policy.sessionsPerUserMax
        guard excess > 0 else { return [] }
        let ordered = record.sessions.sorted { left, right in
            let leftLives = record.isLive(left.session, at: now, policy: policy)
            let rightLives = record.isLive(right.session, at: now, policy: policy)
            if leftLives != rightLives { return rightLives }
            return left.session.rotatedAt < right.session.rotatedAt
        }
        // A transaction takes 100 operations; what is left over goes with the next login.
        return Array(ordered.prefix(min(excess, 90)))
    }

    /// The tokens of the session's present generation.
    func issue(
        for session: Session, of account: Account, in partition: AccountPartition, now: Timestamp
    ) throws(AuthError) -> IssuedTokens {
        let sessionEnd = policy.expiry(of: session)
        let accessEnd = min(now.advanced(by: policy.accessTokenLifetime), sessionEnd)
        return IssuedTokens(
            access: try accessTokens.issue(
                for: session, of: account, now: now, expiresAt: accessEnd),
            accessExpiresAt: Timestamp(seconds: accessEnd.seconds),
            refresh: try refreshTokens.issue(for: session, in: partition, expiresAt: sessionEnd),
            refreshExpiresAt: Timestamp(seconds: sessionEnd.seconds),
            sessionID: session.sessionID, userID: account.userID)
    }

    /// Makes this daemon ask the store again about a session, or about all sessions of a user.
    func forget(_ identifier: String) {
        cache.invalidate(identifier, now: .now)
    }
}
