import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// VerifyMfa, which seals a secret under the password, against ChangePassword, which replaces it.
@Suite struct MFARaceTests {
    private static let old = AuthenticatorFixture.password
    private static let new = SecretBytes(utf8: "another-long-passphrase-71")

    /// Two daemons on one store; what the first one writes can be held up.
    private struct Daemons {
        let hooked: HookedStore
        let slow: AuthenticatorFixture
        let quick: AuthenticatorFixture

        init() throws {
            let store = MemoryStore()
            let clock = TestClock()
            hooked = HookedStore(store)
            slow = try AuthenticatorFixture(store: hooked, clock: clock)
            quick = try AuthenticatorFixture(store: store, clock: clock)
        }

        func code(_ secret: TOTPSecret) -> SecretBytes {
            TOTP.code(secret: secret, step: TOTP.step(at: slow.clock.now)).digits
        }
    }

    private static func verify(
        _ fixture: AuthenticatorFixture, _ tokens: IssuedTokens, _ token: SecretBytes,
        _ code: SecretBytes
    ) async throws -> [SecretBytes] {
        try await fixture.authenticator.verifyMFA(
            password: old, enrollmentToken: token, code: code, accessToken: tokens.access,
            context: RequestContext())
    }

    private static func changePassword(
        _ fixture: AuthenticatorFixture, _ tokens: IssuedTokens
    ) async throws {
        try await fixture.authenticator.changePassword(
            current: old, new: new, accessToken: tokens.access, context: RequestContext())
    }

    @Test func `VerifyMfa fails if the password changes between its read and its write`()
        async throws
    {
        let daemons = try Daemons()
        let tokens = try await daemons.quick.login()
        let (token, secret) = try await daemons.quick.enroll(tokens)
        daemons.hooked.beforeNextTransaction {
            try? await Self.changePassword(daemons.quick, tokens)
        }
        await expectRefusal("invalidCredentials") {
            _ = try await Self.verify(daemons.slow, tokens, token, daemons.code(secret))
        }
        let session = try await daemons.quick.loginAgain(password: Self.new)
        #expect(session.recoveryCodesLeft == nil)
    }

    @Test
    func `A password change without a code fails if MFA is enabled between its read and its write`()
        async throws
    {
        let daemons = try Daemons()
        let tokens = try await daemons.quick.login()
        let (token, secret) = try await daemons.quick.enroll(tokens)
        daemons.hooked.beforeNextTransaction {
            _ = try? await Self.verify(daemons.quick, tokens, token, daemons.code(secret))
        }
        await expectRefusal("mfaRequired") {
            try await Self.changePassword(daemons.slow, tokens)
        }
        daemons.slow.clock.advance(by: .seconds(30))
        _ = try await daemons.quick.loginAgain(secondFactor: .totp(daemons.code(secret)))
    }

    @Test func `A TOTP secret enrolled during a password change is sealed under the new password`()
        async throws
    {
        let daemons = try Daemons()
        let clock = daemons.slow.clock
        let tokens = try await daemons.quick.login()
        let (token, secret) = try await daemons.quick.enroll(tokens)
        daemons.hooked.beforeNextTransaction {
            _ = try? await Self.verify(daemons.quick, tokens, token, daemons.code(secret))
        }
        // The code is not asked for in the first round, and fits in the second.
        let step = TOTP.step(at: clock.now) + 1
        try await daemons.slow.authenticator.changePassword(
            current: Self.old, new: Self.new,
            secondFactor: .totp(TOTP.code(secret: secret, step: step).digits),
            accessToken: tokens.access, context: RequestContext())
        clock.advance(by: .seconds(60))
        _ = try await daemons.quick.loginAgain(
            password: Self.new, secondFactor: .totp(daemons.code(secret)))
    }

    @Test func `A password change does not undo a concurrent disabling of MFA`() async throws {
        let daemons = try Daemons()
        let user = try await daemons.quick.mfaUser()
        let clock = daemons.slow.clock
        daemons.hooked.beforeNextTransaction {
            try? await daemons.quick.authenticator.disableMFA(
                password: Self.old, secondFactor: user.totp(clock),
                accessToken: user.tokens.access, context: RequestContext())
        }
        try await daemons.slow.authenticator.changePassword(
            current: Self.old, new: Self.new, secondFactor: user.totp(clock, steps: 1),
            accessToken: user.tokens.access, context: RequestContext())
        let session = try await daemons.quick.loginAgain(password: Self.new)
        #expect(session.recoveryCodesLeft == nil)
        #expect(try await daemons.quick.row()["totpSecret"] == nil)
    }

    @Test
    func `A password change rereads a TOTP secret that is resealed between its read and its write`()
        async throws
    {
        let daemons = try Daemons()
        let user = try await daemons.quick.mfaUser()
        let clock = daemons.slow.clock
        let before = try await daemons.quick.sealedSecret()
        daemons.hooked.beforeNextTransaction {
            let resealing = try? AuthenticatorFixture(
                store: daemons.quick.store, clock: clock, iterations: 11_111)
            _ = try? await resealing?.login(user, user.totp(clock))
            let after = try? await daemons.quick.sealedSecret()
            #expect(after != nil && after != before)
        }
        try await daemons.slow.authenticator.changePassword(
            current: Self.old, new: Self.new, secondFactor: user.totp(clock, steps: 1),
            accessToken: user.tokens.access, context: RequestContext())
        clock.advance(by: .seconds(60))
        _ = try await daemons.quick.login(user, user.totp(clock), password: Self.new)
    }

    @Test
    func `Of concurrent VerifyMfa and ChangePassword calls one succeeds, and the user can log in`()
        async throws
    {
        for round in 0..<20 {
            let daemons = try Daemons()
            let tokens = try await daemons.quick.login()
            let (token, secret) = try await daemons.quick.enroll(tokens)
            async let verified = Self.verify(daemons.slow, tokens, token, daemons.code(secret))
            if round % 2 == 1 { await Task.yield() }
            async let changed: Void = Self.changePassword(daemons.quick, tokens)
            let isOn = (try? await verified) != nil
            let isChanged = (try? await changed) != nil
            // One of them won; both can only have done so one after the other, which the missing
            // code of the password change or the old password of VerifyMfa rules out.
            #expect(isOn != isChanged)
            daemons.slow.clock.advance(by: .seconds(30))
            let session = try await daemons.quick.loginAgain(
                password: isChanged ? Self.new : Self.old,
                secondFactor: isOn ? .totp(daemons.code(secret)) : nil)
            #expect((session.recoveryCodesLeft != nil) == isOn)
        }
    }
}
