package import Bytes
package import Storage

extension Authenticator {
    /// A session as its owner sees it.
    package struct SessionSummary: Sendable {
        package let session: Session
        /// When it ends if it is not refreshed before.
        package let expiresAt: Timestamp
        /// Whether it is the calling session.
        package let isCurrent: Bool
    }

    /// Ends the session of an access token, or all sessions of its user.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.storeUnavailable`,
    ///   `.conflict`.
    package func logout(
        accessToken: SecretBytes, allSessions: Bool, context: RequestContext
    ) async throws(AuthError) {
        let claims = try await verifyToken(accessToken, context: context)
        let partition = AccountPartition(email: claims.email)
        if allSessions {
            try await endAllSessions(partition, userID: claims.userID)
        } else {
            try await endSession(claims.sessionID, in: partition)
        }
    }

    /// Ends the session of a refresh token, or all sessions of its user.
    ///
    /// Ending its own session is safe whoever asks, so the token may be of any generation. Ending
    /// all of them takes a token that `refresh` would take; an older one ends its session, as there.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.storeUnavailable`; of all sessions also
    ///   `.tokenRevoked`, `.refreshReused`, `.accountDisabled`, `.conflict`, `.cancelled`.
    package func logout(
        refreshToken: SecretBytes, allSessions: Bool, context: RequestContext
    ) async throws(AuthError) {
        let claims = try refreshTokens.verify(refreshToken)
        context.trail.note(userID: claims.userID)
        context.trail.note(sessionID: claims.sessionID)
        guard now() < claims.expiresAt else { throw .tokenExpired }
        guard allSessions else {
            return try await endSession(claims.sessionID, in: claims.partition)
        }
        let record = try await storing { () async throws(StoreError) in
            try await repository.load(claims.partition, sessionIDs: [claims.sessionID])
        }
        switch standing(of: claims, in: record).renewal {
        case .renewed:
            try await endAllSessions(claims.partition, userID: claims.userID)
        case .refused(let error): throw error
        case .reused:
            try await endSession(claims.sessionID, in: claims.partition)
            throw .refreshReused
        }
    }

    /// Removes a session; gone already is as good.
    ///
    /// - Throws: `.storeUnavailable`.
    func endSession(
        _ sessionID: String, in partition: AccountPartition
    ) async throws(AuthError) {
        try await storing { () async throws(StoreError) in
            try await repository.deleteSession(sessionID, in: partition)
        }
        forget(sessionID)
    }

    /// Moves the account to the next epoch: all earlier sessions end.
    private func endAllSessions(
        _ partition: AccountPartition, userID: String
    ) async throws(AuthError) {
        try await retryingConflicts { () async throws(AuthError) -> Void? in
            let record = try await storing { () async throws(StoreError) in
                try await repository.loadAccount(partition)
            }
            guard let record, record.account.userID == userID else { throw .tokenRevoked }
            var account = record.account
            account.sessionEpoch += 1
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: account, keeping: nil, as: nil)
            }
            return stored ? () : nil
        }
        forget(userID)
    }

    /// The user's live sessions, newest login first. One that can't be read is not among them.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.storeUnavailable`.
    package func sessions(
        accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> [SessionSummary] {
        let (record, current) = try await authorize(accessToken, context, loading: .allSessions)
        let now = now()
        return record.sessions.map(\.session)
            .filter { record.isLive($0, at: now, policy: policy) }
            .sorted { ($1.createdAt, $1.sessionID) < ($0.createdAt, $0.sessionID) }
            .map {
                SessionSummary(
                    session: $0, expiresAt: policy.expiry(of: $0),
                    isCurrent: $0.sessionID == current.session.sessionID)
            }
    }

    /// Ends one of the user's sessions.
    ///
    /// - Throws: `.sessionNotFound`, `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`,
    ///   `.storeUnavailable`.
    package func revokeSession(
        _ sessionID: String, accessToken: SecretBytes, context: RequestContext
    ) async throws(AuthError) {
        guard RandomIdentifier.isValid(sessionID) else {
            _ = try await authorize(accessToken, context)
            throw .sessionNotFound
        }
        let (record, _) = try await authorize(
            accessToken, context, loading: .current(and: sessionID))
        // Looked up among the user's own rows: the id of another user's session finds nothing.
        guard record.liveSession(sessionID, at: now(), policy: policy) != nil else {
            throw .sessionNotFound
        }
        context.trail.note(sessionID: sessionID)
        try await endSession(sessionID, in: record.partition)
    }

    /// What is read with an account when a token is checked.
    enum Loading {
        /// The token's session, and if given, the one with another id: a valid identifier.
        case current(and: String?)
        /// All sessions.
        case allSessions
    }

    /// The partition of an access token's account; does not ask the store.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`.
    func partition(of accessToken: SecretBytes) throws(AuthError) -> AccountPartition {
        let now = now()
        let claims = try accessToken.withUnsafeBytes { bytes throws(AuthError) in
            try accessTokens.verify(bytes, now: now)
        }
        return AccountPartition(email: claims.email)
    }

    /// Checks an access token against the store itself and returns its account, with
    /// the session it belongs to. For operations that change or show something: no cache. One round
    /// trip to the store.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`,
    ///   `.storeUnavailable`.
    func authorize(
        _ accessToken: SecretBytes, _ context: RequestContext,
        loading: Loading = .current(and: nil)
    ) async throws(AuthError) -> (record: AccountRecord, current: StoredSession) {
        let now = now()
        let claims = try accessToken.withUnsafeBytes { bytes throws(AuthError) in
            try accessTokens.verify(bytes, now: now)
        }
        context.trail.note(userID: claims.userID)
        context.trail.note(sessionID: claims.sessionID)
        guard RandomIdentifier.isValid(claims.sessionID) else { throw .tokenRevoked }
        let record = try await storing { () async throws(StoreError) in
            let partition = AccountPartition(email: claims.email)
            switch loading {
            case .allSessions:
                return try await repository.load(partition)
            case .current(let other):
                let others = [other].compactMap { $0 }.filter { $0 != claims.sessionID }
                return try await repository.load(
                    partition, sessionIDs: [claims.sessionID] + others)
            }
        }
        if let error = record?.unreadableSessions[claims.sessionID] {
            // Not revoked: a newer daemon may know better.
            throw .storeUnavailable(error)
        }
        guard let record, record.account.userID == claims.userID,
            let current = record.liveSession(claims.sessionID, at: now, policy: policy)
        else { throw .tokenRevoked }
        guard !record.account.isDisabled else { throw .accountDisabled }
        return (record, current)
    }
}
