import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Account operations of users with MFA.
@Suite struct MFAAccountTests {
    private static let new = SecretBytes(utf8: "another-long-passphrase-71")
    private let context = RequestContext()
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture(lockout: .lenient)
    }

    private func changePassword(
        _ user: MFAUser, _ factor: SecondFactor?, with fixture: AuthenticatorFixture? = nil
    ) async throws {
        try await (fixture ?? self.fixture).authenticator.changePassword(
            current: AuthenticatorFixture.password, new: Self.new, secondFactor: factor,
            accessToken: user.tokens.access, context: context)
    }

    private func validate(_ user: MFAUser, _ code: SecretBytes) async throws {
        try await fixture.authenticator.validateMFA(
            password: AuthenticatorFixture.password, code: code, accessToken: user.tokens.access,
            context: context)
    }

    @Test(arguments: [false, true])
    func `A password change reseals the TOTP secret under the new password`(byRecovery: Bool)
        async throws
    {
        let user = try await fixture.mfaUser()
        let factor =
            byRecovery ? SecondFactor.recovery(user.recoveryCodes[0]) : user.totp(fixture.clock)
        let cost = try await fixture.cost { try await changePassword(user, factor) }
        #expect(cost == [2, 2])
        fixture.clock.advance(by: .seconds(30))
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.login(user, user.totp(fixture.clock))
        }
        let tokens = try await fixture.login(user, user.totp(fixture.clock), password: Self.new)
        #expect(tokens.recoveryCodesLeft == (byRecovery ? 9 : 10))
    }

    @Test func `A password change consumes its TOTP code`() async throws {
        let user = try await fixture.mfaUser()
        let code = user.totp(fixture.clock)
        try await changePassword(user, code)
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, code, password: Self.new)
        }
    }

    @Test func `A refused password change leaves the password and the TOTP secret unchanged`()
        async throws
    {
        let user = try await fixture.mfaUser()
        var expected = try await fixture.row()
        await expectRefusal("mfaRequired") { try await changePassword(user, nil) }
        await expectRefusal("mfaCodeInvalid") {
            try await changePassword(user, user.totp(fixture.clock, steps: 5))
        }
        await expectRefusal("passwordTooWeak") {
            try await fixture.authenticator.changePassword(
                current: AuthenticatorFixture.password, new: SecretBytes(utf8: "password"),
                secondFactor: user.totp(fixture.clock), accessToken: user.tokens.access,
                context: context)
        }
        await fixture.authenticator.storeFailures()
        expected["totpFailures"] = .int64(1)
        expected["totpFailedAt"] = .timestamp(fixture.clock.now)
        #expect(try await fixture.row() == expected)
        _ = try await fixture.login(user, user.totp(fixture.clock))
    }

    @Test
    func `Neither TOTP nor wrong recovery codes change the password if the secret is unreadable`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let foreign = try daemonWithAnotherKey()
        let before = try await fixture.row()
        await expectRefusal("mfaSecretUnreadable") {
            try await changePassword(user, user.totp(fixture.clock), with: foreign)
        }
        let bob = try await fixture.mfaUser(email: "bob@example.com")
        for wrong in [bob.recoveryCodes[0], SecretBytes(utf8: "00000-00000-00000")] {
            await expectRefusal("mfaCodeInvalid") {
                try await changePassword(user, .recovery(wrong), with: foreign)
            }
        }
        await foreign.authenticator.storeFailures()
        var row = try await fixture.row()
        #expect(row.remove("recoveryFailures") == .int64(2))
        row["recoveryFailedAt"] = nil
        #expect(row == before)
        _ = try await fixture.login(user, user.totp(fixture.clock))
    }

    @Test func `A password change by recovery code disables MFA if the TOTP secret is unreadable`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let other = try await fixture.login(user, user.totp(fixture.clock))
        let foreign = try daemonWithAnotherKey()
        let isOff = try await foreign.authenticator.changePassword(
            current: AuthenticatorFixture.password, new: Self.new,
            secondFactor: .recovery(user.recoveryCodes[0]), accessToken: user.tokens.access,
            context: context)
        #expect(isOff)
        let names = try await fixture.row().map(\.name).filter {
            $0.hasPrefix("totp") || $0.hasPrefix("recovery")
        }
        #expect(names.isEmpty)
        await expectRefusal("tokenRevoked") {
            _ = try await foreign.authenticator.verifyToken(other.access, context: context)
        }
        await expectRefusal("invalidCredentials") { _ = try await fixture.login(user, nil) }
        let again = try await foreign.loginAgain(password: Self.new)
        #expect(again.recoveryCodesLeft == nil)
        // The user is free to enroll again.
        _ = try await fixture.authenticator.registerMFA(
            password: Self.new, accessToken: again.access, context: context)
    }

    @Test
    func `A password change by recovery code keeps MFA enabled if the TOTP secret is readable`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let isOff = try await fixture.authenticator.changePassword(
            current: AuthenticatorFixture.password, new: Self.new,
            secondFactor: .recovery(user.recoveryCodes[0]), accessToken: user.tokens.access,
            context: context)
        #expect(!isOff)
    }

    private func daemonWithAnotherKey() throws -> AuthenticatorFixture {
        try AuthenticatorFixture(
            store: fixture.store, clock: fixture.clock,
            serverKeys: ["a key that this daemon alone has, 32 bytes"])
    }

    @Test func `A password change that loses a race to a login retries and keeps both factors`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let hooked = HookedStore(fixture.store)
        let slow = try AuthenticatorFixture(store: hooked, clock: fixture.clock)
        let first = user.totp(fixture.clock)
        hooked.beforeNextTransaction { _ = try? await fixture.login(user, first) }
        let factor = user.totp(fixture.clock, steps: 1)
        let cost = try await slow.cost { try await changePassword(user, factor, with: slow) }
        #expect(cost == [2, 2])
        fixture.clock.advance(by: .seconds(60))
        _ = try await fixture.login(user, user.totp(fixture.clock), password: Self.new)
    }

    @Test func `Deleting an account with MFA requires the second factor`() async throws {
        let user = try await fixture.mfaUser()
        func delete(_ factor: SecondFactor?) async throws {
            try await fixture.authenticator.deleteUser(
                password: AuthenticatorFixture.password, secondFactor: factor,
                accessToken: user.tokens.access, context: context)
        }
        await expectRefusal("mfaRequired") { try await delete(nil) }
        await expectRefusal("mfaCodeInvalid") {
            try await delete(.totp(SecretBytes(utf8: "12345\n")))
        }
        try await delete(user.totp(fixture.clock))
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test func `Disabling MFA requires the password and the second factor`() async throws {
        let user = try await fixture.mfaUser()
        func disable(_ factor: SecondFactor?, _ password: SecretBytes) async throws {
            try await fixture.authenticator.disableMFA(
                password: password, secondFactor: factor, accessToken: user.tokens.access,
                context: context)
        }
        let password = AuthenticatorFixture.password
        await expectRefusal("mfaRequired") { try await disable(nil, password) }
        await expectRefusal("mfaCodeInvalid") {
            try await disable(user.totp(fixture.clock, steps: -1), password)
        }
        await expectRefusal("invalidCredentials") {
            try await disable(user.totp(fixture.clock), Self.new)
        }
        await expectRefusal("mfaRequired") { _ = try await fixture.login(user, nil) }
    }

    @Test func `Disabling MFA removes all its properties from the store`() async throws {
        let user = try await fixture.mfaUser()
        try await fixture.authenticator.disableMFA(
            password: AuthenticatorFixture.password,
            secondFactor: .recovery(user.recoveryCodes[0]), accessToken: user.tokens.access,
            context: context)
        let names = try await fixture.row().map(\.name).filter {
            $0.hasPrefix("totp") || $0.hasPrefix("recovery")
        }
        #expect(names.isEmpty)
        await expectRefusal("mfaNotEnabled") {
            try await validate(user, user.code(fixture.clock))
        }
        await expectRefusal("mfaNotEnabled") {
            try await fixture.authenticator.disableMFA(
                password: AuthenticatorFixture.password, secondFactor: user.totp(fixture.clock),
                accessToken: user.tokens.access, context: context)
        }
        await expectRefusal("mfaNotEnabled") {
            _ = try await fixture.authenticator.regenerateRecoveryCodes(
                password: AuthenticatorFixture.password, code: user.code(fixture.clock),
                accessToken: user.tokens.access, context: context)
        }
    }

    @Test func `ValidateMfa consumes an accepted code but not a refused one`() async throws {
        let user = try await fixture.mfaUser()
        let code = user.code(fixture.clock)
        await expectRefusal("invalidCredentials") {
            try await fixture.authenticator.validateMFA(
                password: Self.new, code: code, accessToken: user.tokens.access, context: context)
        }
        await expectRefusal("mfaCodeInvalid") {
            try await validate(user, SecretBytes(utf8: "000000"))
        }
        try await validate(user, code)
        await expectRefusal("mfaCodeInvalid") { try await validate(user, code) }
        await expectRefusal("mfaCodeInvalid") { _ = try await fixture.login(user, .totp(code)) }
        // Testing a code is no change of MFA: the session and its epoch stay as they are.
        _ = try await fixture.authenticator.verifyToken(user.tokens.access, context: context)
    }

    @Test func `New recovery codes replace the old ones`() async throws {
        let user = try await fixture.mfaUser()
        _ = try await fixture.login(user, .recovery(user.recoveryCodes[0]))
        let session = try await fixture.login(user, .recovery(user.recoveryCodes[1]))
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.authenticator.regenerateRecoveryCodes(
                password: AuthenticatorFixture.password, code: user.recoveryCodes[2],
                accessToken: user.tokens.access, context: context)
        }
        let codes = try await fixture.authenticator.regenerateRecoveryCodes(
            password: AuthenticatorFixture.password, code: user.code(fixture.clock),
            accessToken: user.tokens.access, context: context)
        #expect(codes.count == 10)
        for old in user.recoveryCodes.suffix(8) {
            await expectRefusal("mfaCodeInvalid") {
                _ = try await fixture.login(user, .recovery(old))
            }
        }
        let tokens = try await fixture.login(user, .recovery(codes[9]))
        #expect(tokens.recoveryCodesLeft == 9)
        _ = try await fixture.authenticator.verifyToken(session.access, context: context)
    }
}
