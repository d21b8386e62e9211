import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

@Suite struct MFALoginTests {
    private let context = RequestContext()
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture(lockout: .lenient)
    }

    @Test func `A login accepts a TOTP code, and the token records both factors`() async throws {
        let user = try await fixture.mfaUser()
        let tokens = try await fixture.login(user, user.totp(fixture.clock))
        #expect(tokens.recoveryCodesLeft == 10)
        let claims = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        #expect(claims.authenticationMethods == ["pwd", "otp"])
        let renewed = try await fixture.authenticator.refresh(
            token: tokens.refresh, context: context)
        #expect(
            try await fixture.authenticator.verifyToken(renewed.access, context: context)
                .authenticationMethods == ["pwd", "otp"])
    }

    @Test
    func `A login without a code is told that one is required only if the password is correct`()
        async throws
    {
        let user = try await fixture.mfaUser()
        await expectRefusal("mfaRequired") { _ = try await fixture.login(user, nil) }
        let wrong = SecretBytes(utf8: "not-the-password")
        for factor in [nil, user.totp(fixture.clock), .recovery(user.recoveryCodes[0])] {
            await expectRefusal("invalidCredentials") {
                _ = try await fixture.login(user, factor, password: wrong)
            }
            await expectRefusal("invalidCredentials") {
                _ = try await fixture.loginAgain(
                    email: "nobody@example.com", secondFactor: factor)
            }
        }
        // None of these used the codes up.
        _ = try await fixture.login(user, user.totp(fixture.clock))
        _ = try await fixture.login(user, .recovery(user.recoveryCodes[0]))
    }

    @Test func `A code sent for an account without MFA is ignored`() async throws {
        _ = try await fixture.login()
        let code = SecondFactor.totp(SecretBytes(utf8: "123456"))
        let tokens = try await fixture.loginAgain(secondFactor: code)
        let claims = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        #expect(claims.authenticationMethods == ["pwd"])
    }

    @Test func `A TOTP code is accepted once, and older codes are refused after it`() async throws {
        let user = try await fixture.mfaUser()
        let code = user.totp(fixture.clock)
        _ = try await fixture.login(user, code)
        await expectRefusal("mfaCodeInvalid") { _ = try await fixture.login(user, code) }
        await expectRefusal("mfaCodeInvalid") {
            try await fixture.authenticator.validateMFA(
                password: AuthenticatorFixture.password, code: user.code(fixture.clock),
                accessToken: user.tokens.access, context: context)
        }
        _ = try await fixture.login(user, user.totp(fixture.clock, steps: 1))
        // Still in the window, but of a step before the last accepted one.
        fixture.clock.advance(by: .seconds(30))
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, user.totp(fixture.clock, steps: -1))
        }
    }

    @Test func `A TOTP code sent concurrently to two daemons is accepted once`() async throws {
        let user = try await fixture.mfaUser()
        let other = try AuthenticatorFixture(
            store: fixture.store, clock: fixture.clock, lockout: .lenient)
        for _ in 0..<5 {
            let code = user.totp(fixture.clock)
            let outcomes = await outcomes(of: code, user, [fixture, other])
            #expect(outcomes.filter { $0 == "accepted" }.count == 1)
            #expect(outcomes.filter { $0 == "mfaCodeInvalid" }.count == 15)
            fixture.clock.advance(by: .seconds(30))
        }
    }

    @Test func `A recovery code sent concurrently to two daemons is accepted once`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let other = try AuthenticatorFixture(
            store: fixture.store, clock: fixture.clock, lockout: .lenient)
        for (used, code) in user.recoveryCodes.prefix(3).enumerated() {
            let outcomes = await outcomes(of: .recovery(code), user, [fixture, other])
            #expect(outcomes.filter { $0 == "accepted" }.count == 1)
            #expect(outcomes.filter { $0 == "mfaCodeInvalid" }.count == 15)
            let status = try await fixture.authenticator.mfaStatus(
                accessToken: user.tokens.access, context: context)
            #expect(status.recoveryCodesLeft == 9 - used)
        }
    }

    /// What sixteen logins at once with one code come to.
    private func outcomes(
        of factor: SecondFactor, _ user: MFAUser, _ daemons: [AuthenticatorFixture]
    ) async -> [String] {
        await withTaskGroup(of: String.self) { group in
            for index in 0..<16 {
                let daemon = daemons[index % daemons.count]
                group.addTask {
                    do {
                        _ = try await daemon.loginAgain(
                            email: user.email, secondFactor: factor)
                        return "accepted"
                    } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `A code that another login uses between read and write is refused`() async throws {
        let user = try await fixture.mfaUser()
        let hooked = HookedStore(fixture.store)
        let slow = try AuthenticatorFixture(store: hooked, clock: fixture.clock)
        let code = user.totp(fixture.clock)
        hooked.beforeNextTransaction {
            _ = try? await fixture.login(user, code)
        }
        await expectRefusal("mfaCodeInvalid") { _ = try await slow.login(user, code) }
    }

    @Test func `A login that loses a race to another is retried without hashing again`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let hooked = HookedStore(fixture.store)
        let slow = try AuthenticatorFixture(store: hooked, clock: fixture.clock)
        let first = user.totp(fixture.clock)
        hooked.beforeNextTransaction {
            _ = try? await fixture.login(user, first)
        }
        let cost = try await slow.cost {
            _ = try await slow.login(user, user.totp(fixture.clock, steps: 1))
        }
        #expect(cost == [1, 1])
    }

    @Test func `A login costs one bcrypt and one PBKDF2`() async throws {
        let user = try await fixture.mfaUser()
        let cost = try await fixture.cost {
            _ = try await fixture.login(user, user.totp(fixture.clock))
        }
        #expect(cost == [1, 1])
    }

    @Test func `No PBKDF2 runs unless a well-formed TOTP code comes with the correct password`()
        async throws
    {
        let user = try await fixture.mfaUser()
        func cost(
            _ factor: SecondFactor?, _ password: SecretBytes = AuthenticatorFixture.password,
            email: String = "ada@example.com"
        ) async -> [Int] {
            await fixture.cost {
                _ = try? await fixture.loginAgain(
                    email: email, password: password, secondFactor: factor)
            }
        }
        let code = user.totp(fixture.clock)
        #expect(await cost(nil) == [1, 0])
        #expect(await cost(.totp(SecretBytes(utf8: "12345"))) == [1, 0])
        #expect(await cost(code, SecretBytes(utf8: "not-the-password")) == [1, 0])
        #expect(await cost(.recovery(user.recoveryCodes[0])) == [1, 0])
        #expect(await cost(code, email: "nobody@example.com") == [1, 0])
        try await fixture.set("disabled", .boolean(true))
        #expect(await cost(code) == [1, 0])
    }

    @Test(arguments: [
        "", "12345", "1234567", "abcdef", "１２３４５６", "١٢٣٤٥٦", "-12345", "12 345",
    ])
    func `A malformed code is refused`(text: String) async throws {
        let user = try await fixture.mfaUser()
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, .totp(SecretBytes(utf8: text)))
        }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, .recovery(SecretBytes(utf8: text)))
        }
    }

    @Test func `The correct code with extra bytes or in Arabic digits is refused`() async throws {
        let user = try await fixture.mfaUser()
        let digits = user.code(fixture.clock).withUnsafeBytes { Array($0) }
        let arabic = digits.flatMap { [0xD9, $0 - 0x30 + 0xA0] as [UInt8] }
        for text in [
            digits + [0x0A], digits + [0x0D, 0x0A], [0x20] + digits, digits + [0], arabic,
        ] {
            await expectRefusal("mfaCodeInvalid") {
                _ = try await fixture.login(user, .totp(SecretBytes(text)))
            }
        }
        _ = try await fixture.login(user, .totp(SecretBytes(digits)))
    }

    @Test func `Guessed codes are refused`() async throws {
        let user = try await fixture.mfaUser()
        let now = TOTP.step(at: fixture.clock.now)
        let right = (-1...1).map { TOTP.code(secret: user.secret, step: now + $0).digits }
        for guess in 0..<40 {
            let digits = SecretBytes(utf8: String(100_000 + guess * 22_501))
            guard !right.contains(digits) else { continue }
            await expectRefusal("mfaCodeInvalid") {
                _ = try await fixture.login(user, .totp(digits))
            }
        }
        for _ in 0..<10 {
            await expectRefusal("mfaCodeInvalid") {
                _ = try await fixture.login(user, .recovery(RecoveryCode.random().text))
            }
        }
    }

    @Test func `Each recovery code logs in once, and the login reports how many are left`()
        async throws
    {
        let user = try await fixture.mfaUser()
        for (used, code) in user.recoveryCodes.enumerated() {
            let typed = code.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                .lowercased().replacing("-", with: " ").replacing("0", with: "o")
            let factor = SecondFactor.recovery(SecretBytes(utf8: typed))
            let tokens = try await fixture.login(user, factor)
            #expect(tokens.recoveryCodesLeft == 9 - used)
            let claims = try await fixture.authenticator.verifyToken(
                tokens.access, context: context)
            #expect(claims.authenticationMethods == ["pwd", "recovery"])
            await expectRefusal("mfaCodeInvalid") { _ = try await fixture.login(user, factor) }
        }
        let tokens = try await fixture.login(user, user.totp(fixture.clock))
        #expect(tokens.recoveryCodesLeft == 0)
    }

    @Test
    func `A TOTP code is not accepted as a recovery code, nor a recovery code as a TOTP code`()
        async throws
    {
        let user = try await fixture.mfaUser()
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, .totp(user.recoveryCodes[0]))
        }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(user, .recovery(user.code(fixture.clock)))
        }
    }
}
