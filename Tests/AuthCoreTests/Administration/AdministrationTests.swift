import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// What administrators do to one account.
@Suite struct AdministrationTests {
    private let fixture: AuthenticatorFixture
    private let context = RequestContext()
    private static let email = "ada@example.com"

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    private var authenticator: Authenticator { fixture.authenticator }

    @Test func `An account is shown without its secrets, however its email is spelled`()
        async throws
    {
        let tokens = try await fixture.login()
        _ = try await fixture.loginAgain()
        let summary = try await authenticator.account(email: " ADA@Example.com", context: context)
        #expect(summary.userID == tokens.userID)
        #expect(summary.email == Self.email)
        #expect(summary.sessionCount == 2)
        #expect(summary.passwordScheme == "bcrypt 4")
        #expect(summary.lastLoginAt == fixture.clock.now)
        #expect(!summary.isDisabled && !summary.hasSecondFactor)
        fixture.clock.advance(by: .seconds(40 * 86_400))
        #expect(
            try await authenticator.account(email: Self.email, context: context).sessionCount == 0)
    }

    @Test func `Operations on an unknown address fail without creating an account`()
        async throws
    {
        let (authenticator, context, email) = (authenticator, context, "nobody@example.com")
        await expectRefusal("userNotFound") {
            _ = try await authenticator.account(email: email, context: context)
        }
        await expectRefusal("userNotFound") {
            try await authenticator.setDisabled(true, email: email, context: context)
        }
        await expectRefusal("userNotFound") {
            try await authenticator.resetMFA(email: email, context: context)
        }
        await expectRefusal("userNotFound") {
            try await authenticator.revokeSessions(email: email, context: context)
        }
        await expectRefusal("userNotFound") {
            try await authenticator.removeAccount(email: email, context: context)
        }
        await expectRefusal("emailInvalid") {
            _ = try await authenticator.account(email: "nobody", context: context)
        }
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test func `Disabling ends the sessions for good, and enabling lets the user in again`()
        async throws
    {
        let tokens = try await fixture.login()
        try await authenticator.setDisabled(true, email: Self.email, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.refresh(token: tokens.refresh, context: context)
        }
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain() }
        try await authenticator.setDisabled(true, email: Self.email, context: context)
        try await authenticator.setDisabled(false, email: Self.email, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.refresh(token: tokens.refresh, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.verifyToken(tokens.access, context: context)
        }
        _ = try await fixture.loginAgain()
    }

    @Test func `Revoked sessions and removed accounts leave this daemon's cache at once`()
        async throws
    {
        let fixture = try AuthenticatorFixture(cacheLifetime: .seconds(300))
        let (authenticator, context) = (fixture.authenticator, context)
        let tokens = try await fixture.login()
        _ = try await authenticator.verifyToken(tokens.access, context: context)
        try await authenticator.revokeSessions(email: Self.email, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.verifyToken(tokens.access, context: context)
        }
        let again = try await fixture.loginAgain()
        _ = try await authenticator.verifyToken(again.access, context: context)
        try await authenticator.removeAccount(email: Self.email, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.verifyToken(again.access, context: context)
        }
    }

    @Test func `Removing an account deletes all its rows from the store`() async throws {
        let tokens = try await fixture.login()
        for _ in 0..<5 { _ = try await fixture.loginAgain() }
        try await authenticator.removeAccount(email: Self.email, context: context)
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
        _ = try await fixture.login()
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.refresh(token: tokens.refresh, context: context)
        }
    }

    @Test func `A login between the read and the write of a disabling is revoked`() async throws {
        let store = HookedStore(MemoryStore())
        let hooked = try AuthenticatorFixture(store: store)
        _ = try await hooked.login()
        let tokens = SharedTokens()
        store.beforeNextTransaction {
            tokens.keep(try? await hooked.loginAgain())
        }
        try await hooked.authenticator.setDisabled(true, email: Self.email, context: context)
        try await hooked.authenticator.setDisabled(false, email: Self.email, context: context)
        let slipped = try #require(tokens.kept)
        await expectRefusal("tokenRevoked") {
            _ = try await hooked.authenticator.refresh(token: slipped.refresh, context: context)
        }
    }

    @Test func `Failures and locks are shown, and a password reset clears them`() async throws {
        _ = try await fixture.login()
        let now = fixture.clock.now
        try await fixture.setProperty("passwordFailures", .int64(7))
        try await fixture.setProperty("passwordFailedAt", .timestamp(now))
        var summary = try await authenticator.account(email: Self.email, context: context)
        #expect(summary.failures.password.failures == 7 && !summary.needsUnlock)
        #expect(summary.lockedUntil == now.advanced(by: .seconds(4)))
        try await fixture.setProperty("passwordFailures", .int64(100))
        summary = try await authenticator.account(email: Self.email, context: context)
        #expect(summary.needsUnlock && summary.lockedUntil == nil)
        let issued = try await authenticator.issuePasswordReset(
            email: Self.email, context: context)
        _ = try await authenticator.resetPassword(
            token: issued.token, new: SecretBytes(utf8: "another-long-passphrase-71"),
            context: context)
        summary = try await authenticator.account(email: Self.email, context: context)
        #expect(summary.failures.password.failures == 0 && !summary.needsUnlock)
    }

    @Test func `Revoking sessions records the user id in the audit trail`() async throws {
        let tokens = try await fixture.login()
        let context = RequestContext()
        try await authenticator.revokeSessions(email: Self.email, context: context)
        #expect(context.trail.current.userID == tokens.userID)
    }

    @Test func `An administrative change reads the row of the account and none of its sessions`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        let (authenticator, context) = (fixture.authenticator, context)
        _ = try await fixture.login()
        let changes: [() async throws -> Void] = [
            { try await authenticator.setDisabled(true, email: Self.email, context: context) },
            { try await authenticator.setDisabled(false, email: Self.email, context: context) },
            { try await authenticator.revokeSessions(email: Self.email, context: context) },
            {
                _ = try await authenticator.issuePasswordReset(
                    email: Self.email, context: context)
            },
        ]
        for change in changes {
            let calls = try await store.calls { try await change() }
            #expect(calls == [.get, .transact])
        }
        let shown = try await store.calls {
            _ = try await authenticator.account(email: Self.email, context: context)
        }
        #expect(shown == [.query])
    }
}
