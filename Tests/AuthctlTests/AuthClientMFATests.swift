import AuthClient
import Foundation
import TestSupport
import Testing

/// The calls of the client library for second factors, against the built daemon. An authenticator
/// that is not ours makes the codes.
@Suite(.enabled(if: OATHTool.isInstalled, "oathtool is not installed"))
struct AuthClientMFATests {
    private static let email = "ada@example.com"
    private static let password = Secret(utf8: "violet-anchor-93-trumpet")
    private static let newPassword = Secret(utf8: "copper-lantern-58-meadow")

    private struct User {
        let access: Secret
        let secret: String
        let recoveryCodes: [Secret]
        let enrolledAt: Int64

        /// Of the step after the enrollment's: good at once and for a minute.
        func nextCode() throws -> Secret {
            Secret(utf8: try OATHTool.code(of: secret, at: enrolledAt + 30))
        }
    }

    private func text(_ secret: Secret) -> String {
        secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Runs `body` with a client of a daemon, and a user with MFA.
    private func withUser(
        _ body: (AuthClient, User, CommandLineFixture) async throws -> Void
    ) async throws {
        let fixture = try CommandLineFixture()
        let client = try AuthClient(address: "unix:\(fixture.home)/s")
        _ = try await client.register(email: Self.email, password: Self.password)
        let login = try await client.login(email: Self.email, password: Self.password)
        #expect(!login.mfaUsed && login.recoveryCodesLeft == 0 && !login.recoveryCodesLow)
        let access = login.tokens.access
        let before = try await client.mfaStatus(accessToken: access)
        #expect(!before.isEnabled && before.enabledAt == nil && before.recoveryCodesLeft == 0)
        let begun = try await client.registerMFA(password: Self.password, accessToken: access)
        let secret = text(begun.secretBase32)
        let uri = text(begun.otpauthURI)
        #expect(uri.hasPrefix("otpauth://totp/authd:ada%40example.com?secret=\(secret)&"))
        let png = begun.qrCodePNG.withUnsafeBytes { Array($0) }
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        if Scanner.isInstalled { #expect(try Scanner.read(png, suffix: "png") == uri) }
        #expect("\(begun)".contains("secret bytes") && !"\(begun)".contains(secret))
        let now = Int64(Date().timeIntervalSince1970)
        let codes = try await client.verifyMFA(
            password: Self.password, enrollmentToken: begun.token,
            code: Secret(utf8: try OATHTool.code(of: secret, at: now)), accessToken: access)
        #expect(Set(codes.map(text)).count == 10)
        try await body(
            client,
            User(access: access, secret: secret, recoveryCodes: codes, enrolledAt: now), fixture)
        await client.close()
    }

    private func expectRefusal(
        _ reason: String, _ body: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: sourceLocation)
        } catch AuthClientError.refused(let refusal) {
            #expect(refusal.reason == reason, sourceLocation: sourceLocation)
        } catch {
            Issue.record("not refused: \(error)", sourceLocation: sourceLocation)
        }
    }

    @Test func `Each TOTP code and recovery code logs in once, and the codes left are reported`()
        async throws
    {
        try await withUser { client, user, _ in
            func login(_ factor: SecondFactor?) async throws -> LoginResult {
                try await client.login(
                    email: Self.email, password: Self.password, secondFactor: factor)
            }
            await expectRefusal("MFA_REQUIRED") { _ = try await login(nil) }
            let code = SecondFactor.totpCode(try user.nextCode())
            let byCode = try await login(code)
            #expect(byCode.mfaUsed && byCode.recoveryCodesLeft == 10 && !byCode.recoveryCodesLow)
            let claims = try await client.verifyToken(byCode.tokens.access)
            #expect(claims.authenticationMethods == ["pwd", "otp"])
            await expectRefusal("MFA_CODE_INVALID") { _ = try await login(code) }
            for left in (3...9).reversed() {
                let result = try await login(.recoveryCode(user.recoveryCodes[left]))
                #expect(result.mfaUsed && result.recoveryCodesLeft == left)
                #expect(result.recoveryCodesLow == (left == 3))
            }
            await expectRefusal("MFA_CODE_INVALID") {
                _ = try await login(.recoveryCode(user.recoveryCodes[9]))
            }
            let status = try await client.mfaStatus(accessToken: user.access)
            #expect(status.isEnabled && status.recoveryCodesLeft == 3)
            let age = try #require(status.enabledAt).timeIntervalSince1970
            #expect(abs(age - Double(user.enrolledAt)) < 120)
        }
    }

    @Test func `New recovery codes replace the old ones, and one of them disables MFA`()
        async throws
    {
        try await withUser { client, user, _ in
            await expectRefusal("MFA_ALREADY_ENABLED") {
                _ = try await client.registerMFA(
                    password: Self.password, accessToken: user.access)
            }
            let codes = try await client.regenerateRecoveryCodes(
                password: Self.password, code: try user.nextCode(), accessToken: user.access)
            #expect(codes.count == 10)
            func disable(_ factor: SecondFactor?) async throws {
                try await client.disableMFA(
                    password: Self.password, secondFactor: factor, accessToken: user.access)
            }
            await expectRefusal("MFA_REQUIRED") { try await disable(nil) }
            await expectRefusal("MFA_CODE_INVALID") {
                try await disable(.recoveryCode(user.recoveryCodes[0]))
            }
            let typed = text(codes[0]).lowercased().replacingOccurrences(of: "-", with: " ")
            try await disable(.recoveryCode(Secret(utf8: typed)))
            #expect(try await client.mfaStatus(accessToken: user.access).isEnabled == false)
            await expectRefusal("MFA_NOT_ENABLED") { try await disable(.recoveryCode(codes[1])) }
        }
    }

    @Test func `A validated TOTP code cannot be used to log in`() async throws {
        try await withUser { client, user, _ in
            let code = try user.nextCode()
            for (wrong, reason) in [("000000 ", "MFA_CODE_INVALID"), ("", "MFA_CODE_INVALID")] {
                await expectRefusal(reason) {
                    try await client.validateMFA(
                        password: Self.password, code: Secret(utf8: wrong),
                        accessToken: user.access)
                }
            }
            try await client.validateMFA(
                password: Self.password, code: code, accessToken: user.access)
            await expectRefusal("MFA_CODE_INVALID") {
                _ = try await client.login(
                    email: Self.email, password: Self.password, secondFactor: .totpCode(code))
            }
        }
    }

    @Test func `Changing the password and deleting the account require a second factor`()
        async throws
    {
        try await withUser { client, user, _ in
            await expectRefusal("MFA_REQUIRED") {
                try await client.changePassword(
                    from: Self.password, to: Self.newPassword, accessToken: user.access)
            }
            let change = try await client.changePassword(
                from: Self.password, to: Self.newPassword,
                secondFactor: .recoveryCode(user.recoveryCodes[0]), accessToken: user.access)
            #expect(!change.mfaDisabled)
            _ = try await client.login(
                email: Self.email, password: Self.newPassword,
                secondFactor: .totpCode(try user.nextCode()))
            await expectRefusal("MFA_REQUIRED") {
                try await client.deleteUser(password: Self.newPassword, accessToken: user.access)
            }
            try await client.deleteUser(
                password: Self.newPassword, secondFactor: .recoveryCode(user.recoveryCodes[1]),
                accessToken: user.access)
        }
    }

    @Test
    func `After the encryption key is lost, a recovery code changes the password and disables MFA`()
        async throws
    {
        try await withUser { _, user, fixture in
            // What JWT_SECRET sealed opens, and is sealed under the new key; then that one is lost.
            let key = String(repeating: "another key ", count: 3)
            try await restarted(fixture, ["ENCRYPTION_KEY": key]) { client in
                _ = try await client.login(
                    email: Self.email, password: Self.password,
                    secondFactor: .totpCode(try user.nextCode()))
            }
            try await restarted(fixture, [:]) { client in
                try await changePasswordWithLostSecret(client, user)
            }
        }
    }

    private func changePasswordWithLostSecret(_ client: AuthClient, _ user: User) async throws {
        let code = SecondFactor.totpCode(Secret(utf8: "123456"))
        await expectRefusal("MFA_SECRET_UNREADABLE") {
            _ = try await client.login(
                email: Self.email, password: Self.password, secondFactor: code)
        }
        let login = try await client.login(
            email: Self.email, password: Self.password,
            secondFactor: .recoveryCode(user.recoveryCodes[0]))
        await expectRefusal("MFA_SECRET_UNREADABLE") {
            try await client.changePassword(
                from: Self.password, to: Self.newPassword, secondFactor: code,
                accessToken: login.tokens.access)
        }
        let change = try await client.changePassword(
            from: Self.password, to: Self.newPassword,
            secondFactor: .recoveryCode(user.recoveryCodes[1]), accessToken: login.tokens.access)
        #expect(change.mfaDisabled)
        let again = try await client.login(email: Self.email, password: Self.newPassword)
        #expect(!again.mfaUsed)
    }

    private func restarted(
        _ fixture: CommandLineFixture, _ settings: [String: String],
        _ body: (AuthClient) async throws -> Void
    ) async throws {
        fixture.killDaemon()
        try fixture.startDaemon(settings)
        let client = try AuthClient(address: "unix:\(fixture.home)/s")
        try await body(client)
        await client.close()
    }
}
