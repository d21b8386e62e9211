import Clocks
import Storage
import Testing

@testable import AuthCore

/// What is kept with a token may never say more than the cache itself.
@Suite struct SessionCacheTests {
    private static let lifetime = Duration.seconds(5)
    private let start = BootTime.now
    private let live = SessionCache.State.live(until: Timestamp(seconds: 2_000_000_000))

    private func token(session: String = "session", user: String = "user") -> VerifiedToken {
        let moment = Timestamp(seconds: 1_800_000_000)
        return VerifiedToken(
            claims: AccessTokenClaims(
                issuer: "authd", audience: "authd", userID: user, sessionID: session,
                tokenID: "token", issuedAt: moment, expiresAt: moment, authenticatedAt: moment,
                authenticationMethods: ["pwd"], email: "ada@example.com"))
    }

    private func knowing(
        _ token: VerifiedToken, lifetime: Duration = SessionCacheTests.lifetime
    ) -> SessionCache {
        let cache = SessionCache(lifetime: lifetime)
        cache.remember(
            live, sessionID: token.claims.sessionID, userID: token.claims.userID, readAt: start)
        return cache
    }

    @Test func `A cached state expires one lifetime after it was read`() {
        let token = token()
        let cache = knowing(token)
        let end = start.advanced(by: SessionCacheTests.lifetime)
        let justBefore = end.advanced(byNanoseconds: -1)
        #expect(cache.state(of: token, now: start) == live)
        #expect(cache.state(of: token, now: justBefore) == live)
        #expect(cache.state(of: token, now: end) == nil)
        #expect(cache.state(of: token, now: start) == live)
    }

    @Test(arguments: ["session", "user"])
    func `Invalidating a session or its user discards the cached state`(identifier: String) {
        let token = token()
        let cache = knowing(token)
        #expect(cache.state(of: token, now: start) == live)
        cache.invalidate(identifier, now: start.advanced(by: .milliseconds(1)))
        for _ in 0..<2 { #expect(cache.state(of: token, now: start) == nil) }
        cache.remember(
            .ended, sessionID: "session", userID: "user",
            readAt: start.advanced(by: .milliseconds(2)))
        #expect(cache.state(of: token, now: start.advanced(by: .milliseconds(2))) == .ended)
    }

    @Test func `A state read before an invalidation is not cached`() {
        let token = token()
        let cache = knowing(token)
        cache.invalidate("session", now: start.advanced(by: .milliseconds(2)))
        cache.remember(
            live, sessionID: "session", userID: "user", readAt: start.advanced(by: .milliseconds(1))
        )
        #expect(cache.state(of: token, now: start.advanced(by: .milliseconds(3))) == nil)
    }

    @Test func `Invalidating another session keeps the cached state`() {
        let token = token()
        let cache = knowing(token)
        #expect(cache.state(of: token, now: start) == live)
        cache.invalidate("another session", now: start.advanced(by: .milliseconds(1)))
        #expect(cache.state(of: token, now: start) == live)
    }

    @Test func `A cached state is never returned for another user or session`() {
        let mine = token()
        let cache = knowing(mine)
        #expect(cache.state(of: mine, now: start) == live)
        #expect(cache.state(of: token(user: "another"), now: start) == nil)
        #expect(cache.state(of: token(session: "another"), now: start) == nil)
    }

    @Test func `A cache with a lifetime of zero returns nothing`() {
        let token = token()
        let cache = knowing(token, lifetime: .zero)
        #expect(cache.state(of: token, now: start) == nil)
    }
}
