import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// One-time tokens for a new password.
@Suite struct PasswordResetTests {
    private let fixture: AuthenticatorFixture
    private let context = RequestContext()
    private static let email = "ada@example.com"
    private static let new = SecretBytes(utf8: "another-long-passphrase-71")
    private static let newer = SecretBytes(utf8: "a-third-long-passphrase-82")

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    private var authenticator: Authenticator { fixture.authenticator }

    private func issue(_ email: String = email) async throws -> IssuedPasswordReset {
        try await authenticator.issuePasswordReset(email: email, context: context)
    }

    @discardableResult
    private func reset(
        _ token: SecretBytes, to password: SecretBytes = new
    ) async throws -> PasswordResetOutcome {
        try await authenticator.resetPassword(token: token, new: password, context: context)
    }

    @Test func `A token sets a new password once, and all sessions end`() async throws {
        let tokens = try await fixture.login()
        let issued = try await issue()
        #expect(issued.expiresAt == fixture.clock.now.advanced(by: .seconds(3600)))
        _ = try await authenticator.verifyToken(tokens.access, context: context)
        _ = try await fixture.loginAgain()
        let outcome = try await reset(issued.token)
        #expect(outcome.userID == tokens.userID && !outcome.turnedMFAOff)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.refresh(token: tokens.refresh, context: context)
        }
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain() }
        _ = try await fixture.loginAgain(password: Self.new)
        await expectRefusal("tokenInvalid") { try await reset(issued.token, to: Self.newer) }
        _ = try await fixture.loginAgain(password: Self.new)
    }

    @Test func `A reset token is valid until the last microsecond of its lifetime`()
        async throws
    {
        _ = try await fixture.login()
        let first = try await issue()
        fixture.clock.advance(by: .seconds(3600))
        await expectRefusal("tokenExpired") { try await reset(first.token) }
        let second = try await issue()
        fixture.clock.advance(by: .seconds(3600) - .microseconds(1))
        try await reset(second.token)
    }

    @Test func `A newer reset token invalidates the older one`() async throws {
        _ = try await fixture.login()
        let first = try await issue()
        let second = try await issue()
        await expectRefusal("tokenInvalid") { try await reset(first.token) }
        try await reset(second.token)
    }

    @Test func `Neither a reset token nor its secret is valid for another user`() async throws {
        _ = try await fixture.login()
        _ = try await fixture.login(email: "bob@example.com")
        let ada = try await issue().token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let bob = try await issue("bob@example.com").token.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        let (adaParts, bobParts) = (ada.split(separator: "."), bob.split(separator: "."))
        for forged in [
            "pr1.\(bobParts[1]).\(adaParts[2])", "pr1.\(adaParts[1]).\(bobParts[2])",
        ] {
            await expectRefusal("tokenInvalid") { try await reset(SecretBytes(utf8: forged)) }
        }
        _ = try await fixture.loginAgain()
        _ = try await fixture.loginAgain(email: "bob@example.com")
    }

    @Test func `A password change invalidates a pending reset token`() async throws {
        let tokens = try await fixture.login()
        let issued = try await issue()
        try await authenticator.changePassword(
            current: AuthenticatorFixture.password, new: Self.new, accessToken: tokens.access,
            context: context)
        await expectRefusal("tokenInvalid") { try await reset(issued.token, to: Self.newer) }
        _ = try await fixture.loginAgain(password: Self.new)
    }

    @Test func `A reset token is invalid for a later account with the same email`() async throws {
        _ = try await fixture.login()
        let issued = try await issue()
        let hash = try await fixture.row()["resetTokenHash"]
        try await authenticator.removeAccount(email: Self.email, context: context)
        await expectRefusal("tokenInvalid") { try await reset(issued.token) }
        _ = try await fixture.login()
        await expectRefusal("tokenInvalid") { try await reset(issued.token) }
        // Not even where what was stored of it is there again.
        _ = try await issue()
        try await fixture.setProperty("resetTokenHash", try #require(hash))
        await expectRefusal("tokenInvalid") { try await reset(issued.token) }
    }

    @Test
    func `Disabling an account invalidates its reset token and prevents new ones until enabled`()
        async throws
    {
        _ = try await fixture.login()
        let issued = try await issue()
        try await authenticator.setDisabled(true, email: Self.email, context: context)
        await expectRefusal("accountDisabled") { _ = try await issue() }
        await expectRefusal("tokenInvalid") { try await reset(issued.token) }
        try await authenticator.setDisabled(false, email: Self.email, context: context)
        await expectRefusal("tokenInvalid") { try await reset(issued.token) }
        try await reset(try await issue().token)
    }

    @Test func `A password that is too weak does not use the token up`() async throws {
        _ = try await fixture.login()
        let issued = try await issue()
        await expectRefusal("passwordTooWeak") {
            try await reset(issued.token, to: SecretBytes(utf8: "password"))
        }
        await expectRefusal("passwordTooWeak") {
            try await reset(issued.token, to: SecretBytes(utf8: Self.email))
        }
        try await reset(issued.token)
    }

    @Test func `A malformed or altered reset token is refused without hashing`()
        async throws
    {
        _ = try await fixture.login()
        let token = try await issue().token
        let bytes = token.withUnsafeBytes { Array($0) }
        let runs = fixture.hasher.bcryptRuns.total
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            await expectRefusal("tokenInvalid") { try await reset(SecretBytes(changed)) }
            await expectRefusal("tokenInvalid") {
                try await reset(SecretBytes(bytes.prefix(index)))
            }
        }
        await expectRefusal("tokenInvalid") { try await reset(SecretBytes(bytes + [0x41])) }
        #expect(fixture.hasher.bcryptRuns.total == runs)
        try await reset(token)
    }

    @Test func `Neither the reset token nor its secret is in the store`() async throws {
        _ = try await fixture.login()
        let text = try await issue().token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let secret = try #require(text.split(separator: ".").last.map(String.init))
        let bytes = try #require(Base64.url.decode(secret))
        for entity in try await fixture.store.scan(after: nil, limit: 10).entities {
            for (name, value) in entity.properties {
                switch value {
                case .string(let text): #expect(!text.contains(secret), "\(name)")
                case .binary(let stored): #expect(stored != bytes, "\(name)")
                default: break
                }
            }
        }
    }

    @Test func `A password reset disables MFA and removes its secret and recovery codes`()
        async throws
    {
        _ = try await fixture.mfaUser()
        let outcome = try await reset(try await issue().token)
        #expect(outcome.turnedMFAOff)
        let row = try await fixture.row()
        #expect(row["totpSecret"] == nil && row["recoveryCodeHashes"] == nil)
        #expect(row["resetTokenHash"] == nil && row["resetExpiresAt"] == nil)
        let tokens = try await fixture.loginAgain(password: Self.new)
        let enrollment = try await authenticator.registerMFA(
            password: Self.new, accessToken: tokens.access, context: context)
        let secret = try #require(
            Base32.decode(enrollment.secretBase32).flatMap { TOTPSecret($0) })
        #expect(!(try await reset(try await issue().token, to: Self.newer)).turnedMFAOff)
        let again = try await fixture.loginAgain(password: Self.newer)
        await expectRefusal("mfaEnrollmentInvalid") {
            _ = try await authenticator.verifyMFA(
                password: Self.newer, enrollmentToken: enrollment.token,
                code: TOTP.code(secret: secret, step: TOTP.step(at: fixture.clock.now)).digits,
                accessToken: again.access, context: context)
        }
    }

    @Test func `Exactly one of twenty concurrent resets with one token on two daemons succeeds`()
        async throws
    {
        _ = try await fixture.login()
        let twin = try AuthenticatorFixture(store: fixture.store, clock: fixture.clock)
        let token = try await issue().token
        let winners = await withTaskGroup(of: String?.self) { group in
            for number in 0..<20 {
                let daemon = number.isMultiple(of: 2) ? fixture : twin
                group.addTask {
                    let password = "password-of-contender-\(number)"
                    let outcome = try? await daemon.authenticator.resetPassword(
                        token: token, new: SecretBytes(utf8: password),
                        context: RequestContext())
                    return outcome.map { _ in password }
                }
            }
            return await group.reduce(into: [String]()) { winners, password in
                if let password { winners.append(password) }
            }
        }
        #expect(winners.count == 1)
        for password in winners {
            _ = try await fixture.loginAgain(password: SecretBytes(utf8: password))
        }
    }

    @Test func `A login between the read and the write of a reset is revoked`()
        async throws
    {
        let store = HookedStore(MemoryStore())
        let hooked = try AuthenticatorFixture(store: store)
        _ = try await hooked.login()
        let token = try await hooked.authenticator.issuePasswordReset(
            email: Self.email, context: context
        ).token
        let tokens = SharedTokens()
        store.beforeNextTransaction { tokens.keep(try? await hooked.loginAgain()) }
        _ = try await hooked.authenticator.resetPassword(
            token: token, new: Self.new, context: context)
        let slipped = try #require(tokens.kept)
        await expectRefusal("tokenRevoked") {
            _ = try await hooked.authenticator.refresh(token: slipped.refresh, context: context)
        }
    }

    @Test func `A login fails if the password is reset between its read and its write`()
        async throws
    {
        let store = HookedStore(MemoryStore())
        let hooked = try AuthenticatorFixture(store: store)
        _ = try await hooked.login()
        let token = try await hooked.authenticator.issuePasswordReset(
            email: Self.email, context: context
        ).token
        store.beforeNextTransaction {
            _ = try? await hooked.authenticator.resetPassword(
                token: token, new: Self.new, context: RequestContext())
        }
        await expectRefusal("invalidCredentials") { _ = try await hooked.loginAgain() }
        _ = try await hooked.loginAgain(password: Self.new)
    }
}
