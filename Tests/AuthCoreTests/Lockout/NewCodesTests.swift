import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Failures end with the codes that they were made at.
@Suite struct NewCodesTests {
    /// How MFA goes off.
    enum End: CaseIterable {
        case disabled
        case resetByAdministrator
        case unreadable
    }

    private let context = RequestContext()

    /// Ends the MFA of a user and gives back his tokens and his password.
    private func endMFA(
        of user: MFAUser, _ end: End, _ daemon: AuthenticatorFixture
    ) async throws -> (tokens: IssuedTokens, password: SecretBytes) {
        let password = AuthenticatorFixture.password
        let factor = SecondFactor.recovery(user.recoveryCodes[0])
        switch end {
        case .disabled:
            try await daemon.authenticator.disableMFA(
                password: password, secondFactor: factor, accessToken: user.tokens.access,
                context: context)
            return (user.tokens, password)
        case .resetByAdministrator:
            try await daemon.authenticator.resetMFA(email: user.email, context: context)
            return (try await daemon.loginAgain(), password)
        case .unreadable:
            try await daemon.set("totpSecret", .string("broken"))
            let new = SecretBytes(utf8: "another-long-passphrase-71")
            let wentOff = try await daemon.authenticator.changePassword(
                current: password, new: new, secondFactor: factor,
                accessToken: user.tokens.access, context: context)
            #expect(wentOff)
            return (user.tokens, new)
        }
    }

    @Test(arguments: End.allCases, [false, true])
    func `Failures against a removed second factor do not throttle the next one`(
        end: End, isInMemory: Bool
    ) async throws {
        let store = FailingStore(MemoryStore())
        let daemon = try AuthenticatorFixture(store: store)
        let user = try await daemon.mfaUser()
        store.failsWrites(isInMemory)
        for number in 0..<5 {
            let guess = SecondFactor.totp(SecretBytes(utf8: "\(number)"))
            #expect(await daemon.attempt(nil, guess) == .wrongCode)
        }
        await daemon.authenticator.storeFailures()
        store.failsWrites(false)
        let (tokens, password) = try await endMFA(of: user, end, daemon)
        let names = try await daemon.row().map(\.name)
        #expect(names.filter { $0.hasSuffix("Failures") } == [])
        let enrollment = try await daemon.authenticator.registerMFA(
            password: password, accessToken: tokens.access, context: context)
        let bytes = try #require(Base32.decode(enrollment.secretBase32))
        let secret = try #require(TOTPSecret(bytes))
        let outcome = await Outcome {
            _ = try await daemon.authenticator.verifyMFA(
                password: password, enrollmentToken: enrollment.token,
                code: TOTP.code(secret: secret, step: TOTP.step(at: daemon.clock.now)).digits,
                accessToken: tokens.access, context: context)
        }
        #expect(outcome == .accepted)
    }

    @Test(arguments: [false, true])
    func `Failures against old recovery codes do not throttle new ones`(isInMemory: Bool)
        async throws
    {
        let store = FailingStore(MemoryStore())
        let daemon = try AuthenticatorFixture(store: store)
        let user = try await daemon.mfaUser()
        store.failsWrites(isInMemory)
        for _ in 0..<5 {
            let guess = SecondFactor.recovery(RecoveryCode.random().text)
            #expect(await daemon.attempt(nil, guess) == .wrongCode)
        }
        await daemon.authenticator.storeFailures()
        store.failsWrites(false)
        #expect(
            await daemon.attempt(nil, .recovery(user.recoveryCodes[0])) == .throttled(.seconds(1)))
        let codes = try await daemon.authenticator.regenerateRecoveryCodes(
            password: AuthenticatorFixture.password, code: user.code(daemon.clock),
            accessToken: user.tokens.access, context: context)
        #expect(await daemon.attempt(nil, .recovery(codes[0])) == .accepted)
    }
}
