import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Guessing at codes, in a login and with an access token.
@Suite struct CodeGuessTests {
    private let fixture: AuthenticatorFixture
    private let context = RequestContext()

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    private static func wrongCode(_ number: Int) -> SecretBytes {
        // Never a code: a letter in it.
        SecretBytes(utf8: "12345\(Character(UnicodeScalar(UInt8(97 + number % 26))))")
    }

    @Test func `Guessed TOTP codes are throttled, and the user can log in after the wait`()
        async throws
    {
        let user = try await fixture.mfaUser()
        for number in 0..<5 {
            #expect(await fixture.attempt(nil, .totp(Self.wrongCode(number))) == .wrongCode)
        }
        let cost = await fixture.cost {
            #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .throttled(.seconds(1)))
        }
        // Nothing of the code is looked at; the hash shows that the password is right, or the wait
        // would tell everybody that there is an account.
        #expect(cost == [1, 0])
        // The other credentials have counters of their own.
        #expect(await fixture.attempt(nil, .recovery(user.recoveryCodes[0])) == .accepted)
        fixture.clock.advance(by: .seconds(1))
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .accepted)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["totpFailures"] == nil)
    }

    @Test func `Guessed recovery codes are throttled independently of TOTP codes`() async throws {
        let user = try await fixture.mfaUser()
        for _ in 0..<5 {
            let guess = SecondFactor.recovery(RecoveryCode.random().text)
            #expect(await fixture.attempt(nil, guess) == .wrongCode)
        }
        let recovery = SecondFactor.recovery(user.recoveryCodes[0])
        #expect(await fixture.attempt(nil, recovery) == .throttled(.seconds(1)))
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .accepted)
        // A success with the one says nothing about the other.
        #expect(await fixture.attempt(nil, recovery) == .throttled(.seconds(1)))
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["recoveryFailures"] == .int64(5))
    }

    @Test func `A hundred wrong TOTP codes disable TOTP, and a recovery code still works`()
        async throws
    {
        let user = try await fixture.mfaUser()
        for number in 0..<100 {
            var outcome = await fixture.attempt(nil, .totp(Self.wrongCode(number)))
            if case .throttled(let wait) = outcome {
                fixture.clock.advance(by: wait)
                outcome = await fixture.attempt(nil, .totp(Self.wrongCode(number)))
            }
            #expect(outcome == .wrongCode)
        }
        fixture.clock.advance(by: .seconds(86_400))
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .throttled(.seconds(900)))
        #expect(await fixture.attempt(nil, .recovery(user.recoveryCodes[0])) == .accepted)
        try await fixture.authenticator.unlock(email: user.email, context: context)
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .accepted)
    }

    @Test func `A missing code does not count as a failure`() async throws {
        let user = try await fixture.mfaUser()
        for _ in 0..<10 { #expect(await fixture.attempt() == .refused("mfaRequired")) }
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .accepted)
    }

    /// All operations that check a password for the holder of an access token.
    private static let withToken = [
        "changePassword", "deleteUser", "validateMFA", "disableMFA", "regenerateRecoveryCodes",
    ]

    private func run(
        _ operation: String, _ password: SecretBytes, _ code: SecretBytes, _ user: MFAUser
    ) async -> Outcome {
        let authenticator = fixture.authenticator
        let access = user.tokens.access
        return await Outcome {
            switch operation {
            case "changePassword":
                try await authenticator.changePassword(
                    current: password, new: SecretBytes(utf8: "another-long-passphrase-71"),
                    secondFactor: .totp(code), accessToken: access, context: context)
            case "deleteUser":
                try await authenticator.deleteUser(
                    password: password, secondFactor: .totp(code), accessToken: access,
                    context: context)
            case "validateMFA":
                try await authenticator.validateMFA(
                    password: password, code: code, accessToken: access, context: context)
            case "disableMFA":
                try await authenticator.disableMFA(
                    password: password, secondFactor: .totp(code), accessToken: access,
                    context: context)
            default:
                _ = try await authenticator.regenerateRecoveryCodes(
                    password: password, code: code, accessToken: access, context: context)
            }
        }
    }

    @Test(arguments: withToken)
    func `Password guesses with a stolen access token are throttled like logins`(operation: String)
        async throws
    {
        let user = try await fixture.mfaUser()
        let right = AuthenticatorFixture.password
        for number in 0..<5 {
            let guess = SecretBytes(utf8: "guess-\(number)")
            #expect(await run(operation, guess, user.code(fixture.clock), user) == .wrong)
        }
        let cost = await fixture.cost {
            let outcome = await run(operation, right, user.code(fixture.clock), user)
            #expect(outcome == .throttled(.seconds(1)))
        }
        #expect(cost == [0, 0])
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .throttled(.seconds(1)))
        fixture.clock.advance(by: .seconds(1))
        #expect(await run(operation, right, user.code(fixture.clock), user) == .accepted)
    }

    @Test(arguments: withToken)
    func `Code guesses with an access token are throttled like logins`(operation: String)
        async throws
    {
        let user = try await fixture.mfaUser()
        let right = AuthenticatorFixture.password
        for number in 0..<5 {
            #expect(await run(operation, right, Self.wrongCode(number), user) == .wrongCode)
        }
        let cost = await fixture.cost {
            let outcome = await run(operation, right, user.code(fixture.clock), user)
            #expect(outcome == .throttled(.seconds(1)))
        }
        #expect(cost == [0, 0])
        fixture.clock.advance(by: .seconds(1))
        #expect(await run(operation, right, user.code(fixture.clock), user) == .accepted)
    }

    @Test func `Wrong passwords and codes during an enrollment are throttled`() async throws {
        let tokens = try await fixture.login()
        let (token, secret) = try await fixture.enroll(tokens)
        func verify(_ password: SecretBytes, _ code: SecretBytes) async -> Outcome {
            await Outcome {
                _ = try await fixture.authenticator.verifyMFA(
                    password: password, enrollmentToken: token, code: code,
                    accessToken: tokens.access, context: context)
            }
        }
        let right = AuthenticatorFixture.password
        let code = TOTP.code(secret: secret, step: TOTP.step(at: fixture.clock.now)).digits
        for number in 0..<5 {
            #expect(await verify(right, Self.wrongCode(number)) == .wrongCode)
        }
        #expect(await verify(right, code) == .throttled(.seconds(1)))
        fixture.clock.advance(by: .seconds(1))
        for number in 0..<5 {
            #expect(await verify(SecretBytes(utf8: "guess-\(number)"), code) == .wrong)
        }
        #expect(await verify(right, code) == .throttled(.seconds(1)))
        let enrollment = await Outcome {
            _ = try await fixture.authenticator.registerMFA(
                password: right, accessToken: tokens.access, context: context)
        }
        #expect(enrollment == .throttled(.seconds(1)))
        fixture.clock.advance(by: .seconds(1))
        #expect(await verify(right, code) == .accepted)
        #expect(try await fixture.row().map(\.name).contains { $0.hasSuffix("Failures") } == false)
    }
}
