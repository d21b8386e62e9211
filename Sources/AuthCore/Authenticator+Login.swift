package import Bytes
import Clocks
package import Storage

/// What a session's owner gets: two tokens and when they expire.
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
    /// change, a disabling or a delete in between makes the login start over, with the
    /// password checked again if the hash has changed.
    ///
    /// Two round trips to the store: the account is read, and the account is written with the
    /// session. Its sessions are not read, because the time of a refusal would reveal their
    /// number; they are counted in the account, and only when the limit may be reached does a third
    /// trip read them, after the password has been checked.
    ///
    /// The same goes for the second factor, if MFA is on: the code is used up in the same
    /// transaction, so that of two logins with one code, on whatever daemons, one is refused.
    ///
    /// - Throws: `.emailInvalid`, `.throttled`, `.invalidCredentials`, `.mfaRequired`,
    ///   `.mfaCodeInvalid`, `.mfaSecretUnreadable`, `.overloaded`, `.storeUnavailable`,
    ///   `.conflict`, `.deadlineExceeded`, `.cancelled`, `.internalFault`.
    package func login(
        email: String, password: SecretBytes, secondFactor: SecondFactor? = nil,
        context: RequestContext
    ) async throws(AuthError) -> IssuedTokens {
        let address = try parse(email).text
        context.trail.note(partition: AccountPartition(email: address))
        // One for all rounds: a resealed secret is sealed for it.
        let newUserID = RandomIdentifier.make()
        var check = CredentialCheck(
            password: password, factor: secondFactor, purpose: .codeAndResealing,
            AccountPartition(email: address), self, context)
        return try await retryingConflicts { () async throws(AuthError) in
            let found = try await storing { () async throws(StoreError) in
                try await repository.find(address, userID: newUserID, now: now())
            }
            if case .stored(let record, _) = found {
                context.trail.note(userID: record.account.userID)
            }
            let proof: CredentialCheck.Proof
            do throws(AuthError) {
                proof = try await check.prove(found, at: now())
            } catch {
                if case .invalidCredentials = error, try await hasAppeared(address, found) {
                    return nil
                }
                throw error
            }
            let tokens = try await startSession(found, proof, context)
            if tokens != nil { check.pass() }
            return tokens
        }
    }

    /// Whether an address for which nothing was found has an account after all: while it is being
    /// moved, the row that is read first may not be there yet, and the other one no longer. Costs a
    /// round trip if there is an old table, whatever was found, and otherwise nothing.
    private func hasAppeared(
        _ address: String, _ found: AccountLookup
    ) async throws(AuthError) -> Bool {
        guard repository.oldTable != nil else { return false }
        let again = try await storing { () async throws(StoreError) in
            try await repository.loadAccount(AccountPartition(email: address))
        }
        return found.account == nil && again != nil
    }

    /// Stores a new session; nil when the account or a session changed meanwhile.
    private func startSession(
        _ found: AccountLookup, _ proof: CredentialCheck.Proof, _ context: RequestContext
    ) async throws(AuthError) -> IssuedTokens? {
        guard var account = found.account else { throw .invalidCredentials }
        let now = now()
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
        context.trail.note(userID: account.userID)
        context.trail.note(sessionID: session.sessionID)
        guard try await store(session, account, over: found, at: now) else { return nil }
        var tokens = try issue(
            for: session, email: account.email,
            in: AccountPartition(email: account.email), now: now)
        tokens.recoveryCodesLeft = account.secondFactor?.recoveryCodes.count
        return tokens
    }

    /// Writes an account and its new session; false when that lost to another write.
    private func store(
        _ session: Session, _ changed: Account, over found: AccountLookup, at now: Timestamp
    ) async throws(AuthError) -> Bool {
        var account = changed
        switch found {
        case .none:
            return false
        case .old(let old):
            account.sessionRowsMax = 1
            let moved = account
            return try await writing { () async throws(StoreError) in
                try await repository.move(old, to: moved, adding: session)
            }
        case .stored(let record, let leftover):
            let room = try await makeRoom(record, at: now)
            account.sessionRowsMax = room.rowsMax
            let stored = account
            let isStored = try await writing { () async throws(StoreError) in
                try await repository.update(
                    record, to: stored, adding: session, evicting: room.evicted)
            }
            guard isStored else { return false }
            for eviction in room.evicted { forget(eviction.session.sessionID) }
            if let leftover {
                // The next login tries again.
                try? await repository.removeLeftover(leftover, of: stored)
            }
            return true
        }
    }

    /// What to remove so that a new session fits, and the upper bound of rows with the new one.
    private func makeRoom(
        _ record: AccountRecord, at now: Timestamp
    ) async throws(AuthError) -> (evicted: [StoredSession], rowsMax: Int64) {
        let limit = policy.sessionsPerUserMax
        if let rows = record.account.sessionRowsMax, rows < limit { return ([], rows + 1) }
        let sessions = try await storing { () async throws(StoreError) in
            try await repository.sessions(record.partition)
        }
        let evicted = evictions(among: sessions.readable, of: record, at: now)
        let rowCount = sessions.readable.count + sessions.unreadableCount
        return (evicted, Int64(rowCount - evicted.count + 1))
    }

    /// All dead ones, so that the next logins need not look again, and of the live ones the
    /// longest unused until one more fits.
    private func evictions(
        among sessions: [StoredSession], of record: AccountRecord, at now: Timestamp
    ) -> [StoredSession] {
        let isLive = { record.isLive($0, at: now, policy: self.policy) }
        let dead = sessions.filter { !isLive($0.session) }
        let living = sessions.filter { isLive($0.session) }
            .sorted { $0.session.rotatedAt < $1.session.rotatedAt }
        let excess = max(0, living.count + 1 - policy.sessionsPerUserMax)
        // The rest of a transaction; what does not fit is removed with the next login.
        return Array((living.prefix(excess) + dead).prefix(EntityLimits.operationsMax - 2))
    }

    /// The tokens of the session's current generation.
    func issue(
        for session: Session, email: String, in partition: AccountPartition, now: Timestamp
    ) throws(AuthError) -> IssuedTokens {
        let sessionEnd = policy.expiry(of: session)
        let accessEnd = min(now.advanced(by: policy.accessTokenLifetime), sessionEnd)
        return IssuedTokens(
            access: try accessTokens.issue(
                for: session, email: email, now: now, expiresAt: accessEnd),
            accessExpiresAt: Timestamp(seconds: accessEnd.seconds),
            refresh: try refreshTokens.issue(for: session, in: partition, expiresAt: sessionEnd),
            refreshExpiresAt: Timestamp(seconds: sessionEnd.seconds),
            sessionID: session.sessionID, userID: session.userID)
    }

    /// Makes this daemon ask the store again about a session, or about all sessions of a user.
    func forget(_ identifier: String) {
        cache.invalidate(identifier, now: .now)
    }
}
