package import Bytes
import Storage

extension Authenticator {
    /// Renews a session's tokens (refresh token rotation, RFC 9700 §4.14.2).
    ///
    /// The session row holds the valid generation. A refresh moves it on by one conditional write;
    /// callers that come at once with the same token, or again within the grace period, all get the
    /// same successor. An older token ends the session: either its owner or a thief uses a copy.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.refreshReused`,
    ///   `.accountDisabled`, `.storeUnavailable`, `.conflict`, `.cancelled`, `.internalFault`.
    package func refresh(
        token: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> IssuedTokens {
        let claims = try refreshTokens.verify(token)
        context.trail.note(userID: claims.userID)
        context.trail.note(sessionID: claims.sessionID)
        guard now() < claims.expiresAt else { throw .tokenExpired }
        return try await retryingConflicts { () async throws(AuthError) in
            let loaded = try await storing { () async throws(StoreError) in
                try await repository.load(claims.partition, sessionIDs: [claims.sessionID])
            }
            let now = now()
            guard let record = loaded, record.account.userID == claims.userID,
                let stored = record.sessions.first, stored.session.belongs(to: record.account)
            else { throw .tokenRevoked }
            guard !record.account.isDisabled else { throw .accountDisabled }
            guard policy.isLive(stored.session, at: now) else { throw .tokenExpired }
            switch standing(of: claims.generation, in: stored.session, at: now) {
            case .current:
                return try await rotate(stored, record, now)
            case .superseded:
                return try issue(
                    for: stored.session, of: record.account, in: record.partition, now: now)
            case .reused:
                try await storing { () async throws(StoreError) in
                    try await repository.deleteSession(claims.sessionID, in: claims.partition)
                }
                forget(claims.sessionID)
                throw .refreshReused
            }
        }
    }

    /// How a refresh token stands to its session.
    private enum Standing {
        /// It is the valid one.
        case current
        /// It was valid a moment ago: a retry, or callers that came at once.
        case superseded
        /// It is a copy, or comes from a time that a restored backup does not know.
        case reused
    }

    private func standing(
        of generation: Int64, in session: Session, at now: Timestamp
    ) -> Standing {
        if generation == session.generation { return .current }
        let isPrevious = generation == session.generation - 1
        let isInGrace = now.since(session.rotatedAt) <= policy.reuseGrace
        return isPrevious && isInGrace ? .superseded : .reused
    }

    /// Moves the session to the next generation; nil when another caller changed it meanwhile.
    private func rotate(
        _ stored: StoredSession, _ record: AccountRecord, _ now: Timestamp
    ) async throws(AuthError) -> IssuedTokens? {
        var session = stored.session
        session.generation += 1
        session.rotatedAt = now
        let stored = try await writing { () async throws(StoreError) in
            try await repository.update(stored, to: session, in: record.partition)
        }
        guard stored else { return nil }
        return try issue(for: session, of: record.account, in: record.partition, now: now)
    }
}
