package import Bytes
package import Clocks
import Storage

extension Authenticator {
    /// Checks an access token as far as that is possible without the store: signature, type and
    /// times, and what the cache knows about its session.
    ///
    /// - Parameters:
    ///   - token: as the caller sent it.
    ///   - moment: when the call came.
    /// - Returns: what was found: `verifyToken(_:context:)` makes an answer of it.
    package func examine(_ token: UnsafeRawBufferPointer, at moment: BootTime) -> TokenFinding {
        let verified: VerifiedToken
        do throws(AuthError) {
            verified = try accessTokens.verified(token, now: coarseNow())
        } catch {
            return .invalid(error)
        }
        guard let state = cache.state(of: verified, now: moment) else {
            return .unknownSession(verified)
        }
        do throws(AuthError) {
            try check(state)
        } catch {
            return .ended(verified, error)
        }
        return .live(verified)
    }

    /// Checks an access token: signature, type, times, and that its session is alive.
    ///
    /// - Throws: as `verifyToken(_:context:)` for a finding.
    package func verifyToken(
        _ token: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> AccessTokenClaims {
        let finding = token.withUnsafeBytes { examine($0, at: .now) }
        return try await verifyToken(finding, context: context)
    }

    /// The claims of a token that was examined a moment ago.
    ///
    /// Sessions ended by another daemon are noticed within the cache's lifetime; those ended by
    /// this one, at once. At most one round trip to the store.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`, `.tokenRevoked`, `.accountDisabled`,
    ///   `.storeUnavailable`.
    package func verifyToken(
        _ finding: TokenFinding, context: RequestContext
    ) async throws(AuthError) -> AccessTokenClaims {
        switch finding {
        case .live(let token):
            note(token.claims, in: context)
            return token.claims
        case .unknownSession(let token):
            note(token.claims, in: context)
            try await checkSession(of: token.claims)
            return token.claims
        case .ended(let token, let error):
            note(token.claims, in: context)
            throw error
        case .invalid(let error):
            throw error
        }
    }

    private func note(_ claims: AccessTokenClaims, in context: RequestContext) {
        context.trail.note(userID: claims.userID)
        context.trail.note(sessionID: claims.sessionID)
    }

    /// Asks the store about a session, and has the cache remember the answer.
    private func checkSession(of claims: AccessTokenClaims) async throws(AuthError) {
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
