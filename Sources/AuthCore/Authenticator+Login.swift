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
    /// Two round trips to the store: the account is read, and the account is written with the
    /// session. The sessions that it has are not read, whose number the time of a refusal would
    /// tell; they are counted with the account, and only when the limit may be reached a third trip
    /// looks at them, after the password has been checked.
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
        context.trail.note(partition: partition)
        var check = CredentialCheck(
            password: password, factor: secondFactor, purpose: .codeAndResealing, self, context)
        return try await retryingConflicts { () async throws(AuthError) in
            let loaded = try await storing { () async throws(StoreError) in
                try await repository.loadAccount(partition)
            }
            if let loaded { context.trail.note(userID: loaded.account.userID) }
            let proof = try await check.prove(loaded?.account, at: now())
            guard let record = loaded else { throw .invalidCredentials }
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
        let room = try await makeRoom(record, at: now)
        account.sessionRowsMax = room.rowsMax
        let changed = account
        let stored = try await writing { () async throws(StoreError) in
            try await repository.update(
                record, to: changed, adding: session, evicting: room.evicted)
        }
        guard stored else { return nil }
        for eviction in room.evicted { forget(eviction.session.sessionID) }
        var tokens = try issue(for: session, of: account, in: record.partition, now: now)
        tokens.recoveryCodesLeft = account.secondFactor?.recoveryCodes.count
        return tokens
    }

    /// What goes so that a new session fits, and how many rows there are at most with the new one.
    private func makeRoom(
        _ record: AccountRecord, at now: Timestamp
    ) async throws(AuthError) -> (evicted: [StoredSession], rowsMax: Int64) {
        let limit = policy.sessionsPerUserMax
        if let rows = record.account.sessionRowsMax, rows < limit { return ([], rows + 1) }
        let sessions = try await storing { () async throws(StoreError) in
            try await repository.sessions(record.partition)
        }
        let evicted = evictions(among: sessions, of: record, at: now)
        return (evicted, Int64(sessions.count - evicted.count + 1))
    }

    /// All that are dead, so that the next logins need not look again, and of the living the
    /// longest unused until one more fits.
    private func evictions(
        among sessions: [StoredSession], of record: AccountRecord, at now: Timestamp
    ) -> [StoredSession] {
        let isLive = { record.isLive($0, at: now, policy: policy) }
        let dead = sessions.filter { !isLive($0.session) }
        let living = sessions.filter { isLive($0.session) }
            .sorted { $0.session.rotatedAt < $1.session.rotatedAt }
        let excess = max(0, living.count + 1 - policy.sessionsPerUserMax)
        // The rest of a transaction; what does not fit goes with the next login.
        return Array((living.prefix(excess) + dead).prefix(EntityLimits.operationsMax - 2))
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
