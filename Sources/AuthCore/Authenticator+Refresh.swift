package import Bytes
import Storage
import Synchronization

extension Authenticator {
    /// Renews a session's tokens (refresh token rotation, RFC 9700 §4.14.2).
    ///
    /// The session row holds the valid generation. A refresh moves it on by one conditional write;
    /// concurrent callers with the same token, or retries within the grace period, all get the
    /// same successor. An older token ends the session: either its owner or a thief is using a
    /// copy.
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
        let renewal = try await retryingConflicts { () async throws(AuthError) in
            try await renew(claims)
        }
        switch renewal {
        case .renewed(let session, let email, let now):
            return try issue(for: session, email: email, in: claims.partition, now: now)
        case .refused(let error): throw error
        case .reused:
            try await endSession(claims.sessionID, in: claims.partition)
            throw .refreshReused
        }
    }

    /// What becomes of a refresh token.
    enum Renewal: Sendable {
        /// It is the valid one, and the session has moved on; or it was valid a moment ago: a retry,
        /// or callers that came at once.
        case renewed(Session, email: String, at: Timestamp)
        case refused(AuthError)
        /// It is a copy, or comes from a time that a restored backup does not know.
        case reused
    }

    /// Carries the decision from the store's thread to the caller.
    private final class Decision: Sendable {
        let renewal = Mutex<Renewal?>(nil)
    }

    /// Reads the session and moves it to the next generation, if the token is the valid one; nil
    /// when another caller changed it meanwhile.
    private func renew(_ claims: RefreshTokens.Claims) async throws(AuthError) -> Renewal? {
        let decision = Decision()
        do throws(StoreError) {
            try await repository.updateSession(claims.sessionID, in: claims.partition) { record in
                let (renewal, isNext) = self.standing(of: claims, in: record)
                decision.renewal.withLock { $0 = renewal }
                guard isNext, case .renewed(let session, _, _) = renewal else { return nil }
                return session
            }
        } catch {
            if error.isLostRace { return nil }
            throw AuthError(error)
        }
        guard let renewal = decision.renewal.withLock({ $0 }) else {
            preconditionFailure("a store committed a write that was not decided on")
        }
        return renewal
    }

    /// How a refresh token relates to what is stored, and whether the session moves on.
    ///
    /// Where the last refresh is further ahead than clocks may differ, this one was set back, and
    /// nobody knows how long ago a token was replaced: it is a copy then. To refuse it and let the
    /// session live would leave it to a thief who has the newer one. Who is unlucky logs in again.
    func standing(
        of claims: RefreshTokens.Claims, in record: AccountRecord?
    ) -> (renewal: Renewal, isNext: Bool) {
        let now = now()
        guard let record, record.account.userID == claims.userID,
            var session = record.sessions.first?.session, session.belongs(to: record.account)
        else { return (.refused(.tokenRevoked), false) }
        guard !record.account.isDisabled else { return (.refused(.accountDisabled), false) }
        guard policy.isLive(session, at: now) else { return (.refused(.tokenExpired), false) }
        if claims.generation == session.generation {
            session.generation += 1
            session.rotatedAt = now
            return (.renewed(session, email: record.account.email, at: now), true)
        }
        let isPrevious = claims.generation == session.generation - 1
        let lead = session.rotatedAt.microseconds - now.microseconds
        guard isPrevious, lead <= AccessTokens.clockSkewMicrosecondsMax,
            now.since(session.rotatedAt) <= policy.reuseGrace
        else {
            return (.reused, false)
        }
        return (.renewed(session, email: record.account.email, at: now), false)
    }
}
