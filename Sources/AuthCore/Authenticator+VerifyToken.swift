package import Bytes
package import Clocks
import Storage

extension Authenticator {
    /// Checks an access token without asking the store.
    ///
    /// - Parameters:
    ///   - token: as the caller sent it.
    ///   - moment: when the call came.
    /// - Returns: the token's claims, or nil when the cache does not know the session and
    ///   `verifyToken` must be asked.
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`.
    package func verifyTokenFromCache(
        _ token: UnsafeRawBufferPointer, at moment: BootTime
    ) throws(AuthError) -> VerifiedToken? {
        let verified = try accessTokens.verified(token, now: coarseNow())
        guard let state = cache.state(of: verified, now: moment) else { return nil }
        try check(state)
        return verified
    }

    /// Checks an access token: signature, type, times, and that its session is alive.
    ///
    /// Sessions ended by another daemon are noticed within the cache's lifetime; those ended by
    /// this one, at once. At most one round trip to the store.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`,
    ///   `.storeUnavailable`.
    package func verifyToken(
        _ token: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> AccessTokenClaims {
        let now = now()
        let claims = try token.withUnsafeBytes { bytes throws(AuthError) in
            try accessTokens.verify(bytes, now: now)
        }
        context.trail.note(userID: claims.userID)
        context.trail.note(sessionID: claims.sessionID)
        let known = cache.state(sessionID: claims.sessionID, userID: claims.userID, now: .now)
        if let known {
            try check(known)
            return claims
        }
        guard RandomIdentifier.isValid(claims.sessionID) else { throw .tokenRevoked }
        let readAt = BootTime.now
        let record = try await storing { () async throws(StoreError) in
            try await repository.load(
                AccountPartition(email: claims.email), sessionIDs: [claims.sessionID])
        }
        let state = state(of: claims, in: record)
        cache.remember(
            state, sessionID: claims.sessionID, userID: claims.userID, readAt: readAt)
        try check(state)
        return claims
    }

    private func state(
        of claims: AccessTokenClaims, in record: AccountRecord?
    ) -> SessionCache.State {
        guard let record, record.account.userID == claims.userID,
            let session = record.sessions.first?.session, session.belongs(to: record.account)
        else { return .ended }
        return record.account.isDisabled
            ? .accountDisabled : .live(until: policy.expiry(of: session))
    }

    private func check(_ state: SessionCache.State) throws(AuthError) {
        switch state {
        // A refresh moves the end of the session on, and the cache may not know it yet: the token's
        // own end is never later than the session's was when the token was made.
        case .live: return
        case .ended: throw .tokenRevoked
        case .accountDisabled: throw .accountDisabled
        }
    }
}
