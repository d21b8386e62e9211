import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

@Suite struct MFAEnrollmentTests {
    private let context = RequestContext()
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    private func verify(
        _ tokens: IssuedTokens, _ token: SecretBytes, _ code: SecretBytes,
        password: SecretBytes = AuthenticatorFixture.password
    ) async throws -> [SecretBytes] {
        try await fixture.authenticator.verifyMFA(
            password: password, enrollmentToken: token, code: code, accessToken: tokens.access,
            context: context)
    }

    private func code(_ secret: TOTPSecret, steps: Int64 = 0) -> SecretBytes {
        TOTP.code(secret: secret, step: TOTP.step(at: fixture.clock.now) + steps).digits
    }

    private func status(_ tokens: IssuedTokens) async throws -> MFAStatus {
        try await fixture.authenticator.mfaStatus(accessToken: tokens.access, context: context)
    }

    @Test func `MFA is enabled with a first code and disabled with a later one`() async throws {
        let tokens = try await fixture.login()
        #expect(try await !status(tokens).isEnabled)
        let (token, secret) = try await fixture.enroll(tokens)
        let enabledAt = fixture.clock.now
        let codes = try await verify(tokens, token, code(secret))
        #expect(codes.count == 10)
        #expect(
            try await status(tokens)
                == MFAStatus(isEnabled: true, enabledAt: enabledAt, recoveryCodesLeft: 10))
        fixture.clock.advance(by: .seconds(30))
        try await fixture.authenticator.disableMFA(
            password: AuthenticatorFixture.password, secondFactor: .totp(code(secret)),
            accessToken: tokens.access, context: context)
        #expect(
            try await status(tokens)
                == MFAStatus(isEnabled: false, enabledAt: nil, recoveryCodesLeft: 0))
        let session = try await fixture.loginAgain()
        #expect(session.recoveryCodesLeft == nil)
    }

    @Test func `The otpauth URI names the service and the user and contains the secret`()
        async throws
    {
        let tokens = try await fixture.login()
        let enrollment = try await fixture.authenticator.registerMFA(
            password: AuthenticatorFixture.password, accessToken: tokens.access, context: context)
        let uri = enrollment.uri.text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let secret = enrollment.secretBase32.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(uri.hasPrefix("otpauth://totp/authd:ada%40example.com?secret=\(secret)&issuer="))
        #expect(secret.count == 32)
    }

    @Test func `Nothing is stored before the first code`() async throws {
        let tokens = try await fixture.login()
        let before = try await fixture.store.scan(after: nil, limit: 100).entities
        _ = try await fixture.enroll(tokens)
        #expect(try await fixture.store.scan(after: nil, limit: 100).entities == before)
    }

    @Test
    func `The account row contains neither the TOTP secret nor any recovery code in plain text`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let row = "\(try await fixture.row())"
        for secret in user.recoveryCodes + [user.secret.base32, user.secret.bytes] {
            let text = secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            #expect(!row.contains(text))
        }
    }

    @Test func `An enrollment can be finished on another daemon with the same server key`()
        async throws
    {
        let other = try AuthenticatorFixture(store: fixture.store, clock: fixture.clock)
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        _ = try await other.authenticator.verifyMFA(
            password: AuthenticatorFixture.password, enrollmentToken: token, code: code(secret),
            accessToken: tokens.access, context: context)
        #expect(try await status(tokens).isEnabled)
    }

    @Test func `The code that finishes the enrollment cannot be reused for a login`() async throws {
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        let first = code(secret)
        _ = try await verify(tokens, token, first)
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(secondFactor: .totp(first))
        }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(secondFactor: .totp(code(secret, steps: -1)))
        }
        _ = try await fixture.loginAgain(secondFactor: .totp(code(secret, steps: 1)))
    }

    @Test func `A wrong first code or a wrong password does not enable MFA`() async throws {
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        for wrong in [
            code(.random()), code(secret, steps: 2), SecretBytes(utf8: ""),
            SecretBytes(code(secret).withUnsafeBytes { Array($0) } + [0x0A]),
        ] {
            await expectRefusal("mfaCodeInvalid") { _ = try await verify(tokens, token, wrong) }
        }
        await expectRefusal("invalidCredentials") {
            _ = try await verify(
                tokens, token, code(secret), password: SecretBytes(utf8: "not-the-password"))
        }
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.authenticator.registerMFA(
                password: SecretBytes(utf8: "not-the-password"), accessToken: tokens.access,
                context: context)
        }
        #expect(try await !status(tokens).isEnabled)
        _ = try await verify(tokens, token, code(secret))
    }

    @Test func `An enrollment token of another user is refused`() async throws {
        let ada = try await fixture.login()
        let bob = try await fixture.login(email: "bob@example.com")
        let (token, secret) = try await fixture.enroll(ada)
        await expectRefusal("mfaEnrollmentInvalid") {
            _ = try await verify(bob, token, code(secret))
        }
        #expect(try await !status(bob).isEnabled)
    }

    @Test func `An enrollment token expires after ten minutes`() async throws {
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        fixture.clock.advance(by: .seconds(600))
        await expectRefusal("mfaEnrollmentInvalid") {
            _ = try await verify(tokens, token, code(secret))
        }
        fixture.clock.advance(by: .seconds(-1))
        _ = try await verify(tokens, token, code(secret))
    }

    @Test
    func `An enrollment token is invalid once MFA has been enabled, even after it is disabled`()
        async throws
    {
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        let (second, _) = try await fixture.enroll(tokens)
        _ = try await verify(tokens, token, code(secret))
        for token in [token, second] {
            await expectRefusal("mfaAlreadyEnabled") {
                _ = try await verify(tokens, token, code(secret, steps: 1))
            }
        }
        await expectRefusal("mfaAlreadyEnabled") { _ = try await fixture.enroll(tokens) }
        fixture.clock.advance(by: .seconds(30))
        try await fixture.authenticator.disableMFA(
            password: AuthenticatorFixture.password, secondFactor: .totp(code(secret)),
            accessToken: tokens.access, context: context)
        fixture.clock.advance(by: .seconds(30))
        for token in [token, second] {
            await expectRefusal("mfaEnrollmentInvalid") {
                _ = try await verify(tokens, token, code(secret))
            }
        }
    }

    @Test func `Exactly one of several concurrent verifications enables MFA`() async throws {
        let other = try AuthenticatorFixture(store: fixture.store, clock: fixture.clock)
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        let code = code(secret)
        let results = await withTaskGroup(of: [SecretBytes]?.self) { group in
            for index in 0..<8 {
                let authenticator = [fixture, other][index % 2].authenticator
                group.addTask {
                    try? await authenticator.verifyMFA(
                        password: AuthenticatorFixture.password, enrollmentToken: token,
                        code: code, accessToken: tokens.access, context: RequestContext())
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let winners = results.compactMap { $0 }
        #expect(winners.count == 1)
        // The codes that somebody was shown are the ones that are stored.
        let recovery = try #require(winners.first?.first)
        _ = try await fixture.loginAgain(secondFactor: .recovery(recovery))
    }

    @Test func `Enabling or disabling MFA ends all other sessions and keeps the current one`()
        async throws
    {
        let mine = try await fixture.login()
        var other = try await fixture.loginAgain()
        let (token, secret) = try await fixture.enroll(mine)
        _ = try await verify(mine, token, code(secret))
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: other.refresh, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(other.access, context: context)
        }
        _ = try await fixture.authenticator.verifyToken(mine.access, context: context)
        fixture.clock.advance(by: .seconds(30))
        other = try await fixture.loginAgain(secondFactor: .totp(code(secret)))
        fixture.clock.advance(by: .seconds(30))
        try await fixture.authenticator.disableMFA(
            password: AuthenticatorFixture.password, secondFactor: .totp(code(secret)),
            accessToken: mine.access, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: other.refresh, context: context)
        }
        _ = try await fixture.authenticator.refresh(token: mine.refresh, context: context)
    }

    @Test func `Every MFA operation is refused without a valid access token`() async throws {
        let user = try await fixture.mfaUser()
        let (authenticator, password) = (fixture.authenticator, AuthenticatorFixture.password)
        let code = user.code(fixture.clock)
        for bad in [SecretBytes(), user.tokens.refresh] {
            await expectRefusal("tokenInvalid") {
                _ = try await authenticator.registerMFA(
                    password: password, accessToken: bad, context: context)
            }
            await expectRefusal("tokenInvalid") {
                _ = try await authenticator.verifyMFA(
                    password: password, enrollmentToken: bad, code: code, accessToken: bad,
                    context: context)
            }
            await expectRefusal("tokenInvalid") {
                try await authenticator.validateMFA(
                    password: password, code: code, accessToken: bad, context: context)
            }
            await expectRefusal("tokenInvalid") {
                _ = try await authenticator.mfaStatus(accessToken: bad, context: context)
            }
            await expectRefusal("tokenInvalid") {
                try await authenticator.disableMFA(
                    password: password, secondFactor: .totp(code), accessToken: bad,
                    context: context)
            }
            await expectRefusal("tokenInvalid") {
                _ = try await authenticator.regenerateRecoveryCodes(
                    password: password, code: code, accessToken: bad, context: context)
            }
        }
    }
}
