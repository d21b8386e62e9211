import AuthCore
import Bytes
import Clocks
import Storage
import TestSupport
import Testing

@Suite struct SessionTests {
    private let context = RequestContext()

    @Test func `A refresh gives new tokens for the same session`() async throws {
        let fixture = try AuthenticatorFixture()
        let first = try await fixture.login()
        fixture.clock.advance(by: .seconds(60))
        let second = try await fixture.authenticator.refresh(
            token: first.refresh, context: context)
        #expect(second.sessionID == first.sessionID)
        #expect(second.refresh != first.refresh)
        #expect(second.refreshExpiresAt > first.refreshExpiresAt)
        _ = try await fixture.authenticator.verifyToken(second.access, context: context)
    }

    @Test func `Fifty concurrent refreshes with one token return the same successor`() async throws
    {
        let fixture = try AuthenticatorFixture()
        let login = try await fixture.login()
        let successors = try await withThrowingTaskGroup(of: SecretBytes.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await fixture.authenticator.refresh(
                        token: login.refresh, context: RequestContext()
                    ).refresh
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(successors.count == 50)
        #expect(successors.allSatisfy { $0 == successors[0] })
        _ = try await fixture.authenticator.refresh(token: successors[0], context: context)
    }

    @Test func `The previous refresh token is accepted for exactly ten seconds`() async throws {
        let fixture = try AuthenticatorFixture()
        let first = try await fixture.login()
        let second = try await fixture.authenticator.refresh(
            token: first.refresh, context: context)
        fixture.clock.advance(by: .seconds(10))
        let again = try await fixture.authenticator.refresh(
            token: first.refresh, context: context)
        #expect(again.refresh == second.refresh)
        fixture.clock.advance(by: .milliseconds(1))
        await expectRefusal("refreshReused") {
            _ = try await fixture.authenticator.refresh(token: first.refresh, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: second.refresh, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(second.access, context: context)
        }
    }

    @Test
    func `A clock set back by more than a minute ends the grace period of the previous token`()
        async throws
    {
        for isTooFar in [false, true] {
            let fixture = try AuthenticatorFixture()
            let first = try await fixture.login()
            let second = try await fixture.authenticator.refresh(
                token: first.refresh, context: context)
            fixture.clock.advance(by: .seconds(-60) - .microseconds(isTooFar ? 1 : 0))
            guard isTooFar else {
                let again = try await fixture.authenticator.refresh(
                    token: first.refresh, context: context)
                #expect(again.refresh == second.refresh)
                continue
            }
            await expectRefusal("refreshReused") {
                _ = try await fixture.authenticator.refresh(token: first.refresh, context: context)
            }
            await expectRefusal("tokenRevoked") {
                _ = try await fixture.authenticator.refresh(
                    token: second.refresh, context: context)
            }
        }
    }

    @Test func `A token two generations old ends the session even within ten seconds`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let first = try await fixture.login()
        let second = try await fixture.authenticator.refresh(
            token: first.refresh, context: context)
        let third = try await fixture.authenticator.refresh(
            token: second.refresh, context: context)
        await expectRefusal("refreshReused") {
            _ = try await fixture.authenticator.refresh(token: first.refresh, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: third.refresh, context: context)
        }
    }

    @Test func `Access and refresh tokens cannot be used in place of each other`() async throws {
        let fixture = try AuthenticatorFixture()
        let tokens = try await fixture.login()
        await expectRefusal("tokenInvalid") {
            _ = try await fixture.authenticator.refresh(token: tokens.access, context: context)
        }
        await expectRefusal("tokenInvalid") {
            _ = try await fixture.authenticator.verifyToken(tokens.refresh, context: context)
        }
    }

    @Test func `An access token expires exactly on time, and an outdated refresh token is refused`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let tokens = try await fixture.login()
        fixture.clock.advance(by: .seconds(15 * 60) - .microseconds(1))
        _ = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        fixture.clock.advance(by: .microseconds(1))
        await expectRefusal("tokenExpired") {
            _ = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        }
        fixture.clock.advance(by: .seconds(10_080 * 60))
        await expectRefusal("tokenExpired") {
            _ = try await fixture.authenticator.refresh(token: tokens.refresh, context: context)
        }
    }

    @Test func `A session ends at its absolute limit however often it is refreshed`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        var tokens = try await fixture.login()
        for _ in 0..<5 {
            fixture.clock.advance(by: .seconds(6 * 86_400 - 1))
            tokens = try await fixture.authenticator.refresh(
                token: tokens.refresh, context: context)
        }
        fixture.clock.advance(by: .seconds(5))
        await expectRefusal("tokenExpired") {
            _ = try await fixture.authenticator.refresh(token: tokens.refresh, context: context)
        }
        await expectRefusal("tokenExpired") {
            _ = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        }
    }

    @Test func `Logout ends the current session or, on request, all sessions of the user`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let first = try await fixture.login()
        let second = try await fixture.loginAgain()
        let third = try await fixture.loginAgain()
        try await fixture.authenticator.logout(
            accessToken: first.access, allSessions: false, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: first.refresh, context: context)
        }
        _ = try await fixture.authenticator.verifyToken(second.access, context: context)
        try await fixture.authenticator.logout(
            refreshToken: second.refresh, allSessions: true, context: context)
        for tokens in [second, third] {
            await expectRefusal("tokenRevoked") {
                _ = try await fixture.authenticator.verifyToken(tokens.access, context: context)
            }
        }
        _ = try await fixture.loginAgain()
    }

    @Test func `The previous refresh token can log out all sessions within the grace period`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let other = try await fixture.login()
        let first = try await fixture.loginAgain()
        let second = try await fixture.authenticator.refresh(
            token: first.refresh, context: context)
        fixture.clock.advance(by: .seconds(10))
        try await fixture.authenticator.logout(
            refreshToken: first.refresh, allSessions: true, context: context)
        for tokens in [second, other] {
            await expectRefusal("tokenRevoked") {
                _ = try await fixture.authenticator.verifyToken(tokens.access, context: context)
            }
        }
    }

    @Test func `Logout with a reused refresh token ends only its session and reports the reuse`()
        async throws
    {
        for delay: Duration in [.zero, .seconds(11)] {
            let fixture = try AuthenticatorFixture()
            let other = try await fixture.login()
            let first = try await fixture.loginAgain()
            var last = try await fixture.authenticator.refresh(
                token: first.refresh, context: context)
            if delay == .zero {
                last = try await fixture.authenticator.refresh(
                    token: last.refresh, context: context)
            }
            fixture.clock.advance(by: delay)
            await expectRefusal("refreshReused") {
                try await fixture.authenticator.logout(
                    refreshToken: first.refresh, allSessions: true, context: context)
            }
            await expectRefusal("tokenRevoked") {
                _ = try await fixture.authenticator.refresh(token: last.refresh, context: context)
            }
            _ = try await fixture.authenticator.refresh(token: other.refresh, context: context)
        }
    }

    @Test func `A user can list and revoke only their own sessions`() async throws {
        let fixture = try AuthenticatorFixture()
        let ada = try await fixture.login()
        fixture.clock.advance(by: .seconds(1))
        var named = RequestContext()
        named.clientName = "laptop"
        let laptop = try await fixture.authenticator.login(
            email: "ada@example.com", password: AuthenticatorFixture.password, context: named)
        let grace = try await fixture.login(email: "grace@example.com")
        let sessions = try await fixture.authenticator.sessions(
            accessToken: ada.access, context: context)
        #expect(sessions.map(\.session.sessionID) == [laptop.sessionID, ada.sessionID])
        #expect(sessions.map(\.isCurrent) == [false, true])
        #expect(sessions[0].session.clientName == "laptop")
        await expectRefusal("sessionNotFound") {
            try await fixture.authenticator.revokeSession(
                grace.sessionID, accessToken: ada.access, context: context)
        }
        _ = try await fixture.authenticator.verifyToken(grace.access, context: context)
        try await fixture.authenticator.revokeSession(
            laptop.sessionID, accessToken: ada.access, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(laptop.access, context: context)
        }
    }

    @Test func `A login over the session limit removes the least recently used session`()
        async throws
    {
        var policy = SessionPolicy()
        policy.sessionsPerUserMax = 3
        let fixture = try AuthenticatorFixture(policy: policy)
        var tokens = [try await fixture.login()]
        for _ in 0..<4 {
            fixture.clock.advance(by: .seconds(1))
            tokens.append(try await fixture.loginAgain())
        }
        let sessions = try await fixture.authenticator.sessions(
            accessToken: tokens[4].access, context: context)
        #expect(
            sessions.map(\.session.sessionID) == tokens.suffix(3).reversed().map(\.sessionID))
    }

    @Test func `Cached sessions stay valid until their lifetime ends or this daemon changes them`()
        async throws
    {
        let store = MemoryStore()
        let clock = TestClock()
        let here = try AuthenticatorFixture(
            store: store, clock: clock, cacheLifetime: .seconds(3600))
        let elsewhere = try AuthenticatorFixture(store: store, clock: clock)
        let first = try await here.login()
        let second = try await here.loginAgain()
        for tokens in [first, second] {
            _ = try await here.authenticator.verifyToken(tokens.access, context: context)
            #expect(here.isKnownToLive(tokens))
        }
        try await elsewhere.authenticator.logout(
            accessToken: first.access, allSessions: false, context: context)
        #expect(here.isKnownToLive(first))
        try await here.authenticator.logout(
            accessToken: second.access, allSessions: false, context: context)
        #expect(!here.isKnownToLive(second))
        await expectRefusal("tokenRevoked") {
            _ = try await here.authenticator.verifyToken(second.access, context: context)
        }
    }

    @Test func `No session made with the old password outlives a password change`() async throws {
        for round in 0..<20 {
            let store = MemoryStore()
            let daemons = [
                try AuthenticatorFixture(store: store), try AuthenticatorFixture(store: store),
            ]
            let owner = try await daemons[0].login()
            let new = SecretBytes(utf8: "another-long-passphrase-\(round)")
            let made = try await withThrowingTaskGroup(of: [IssuedTokens].self) { group in
                for index in 0..<8 {
                    group.addTask {
                        let login = try? await daemons[index % 2].loginAgain()
                        guard let login else { return [] }
                        let renewed = try? await daemons[(index + 1) % 2].authenticator.refresh(
                            token: login.refresh, context: RequestContext())
                        return [login, renewed].compactMap { $0 }
                    }
                }
                group.addTask {
                    try await daemons[0].authenticator.changePassword(
                        current: AuthenticatorFixture.password, new: new,
                        accessToken: owner.access, context: RequestContext())
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            for tokens in made {
                await expectRefusal("tokenRevoked") {
                    _ = try await daemons[1].authenticator.refresh(
                        token: tokens.refresh, context: context)
                }
            }
            _ = try await daemons[1].authenticator.verifyToken(owner.access, context: context)
        }
    }
}

extension AuthenticatorFixture {
    /// Whether the cache knows that the session of a valid token is alive.
    func isKnownToLive(_ tokens: IssuedTokens) -> Bool {
        tokens.access.withUnsafeBytes {
            if case .live = authenticator.examine($0, at: .now) { true } else { false }
        }
    }
}
