import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// A user with MFA, who holds what he was shown.
struct MFAUser {
    let email: String
    var tokens: IssuedTokens
    let secret: TOTPSecret
    var recoveryCodes: [SecretBytes]

    /// The code of his authenticator `steps` away from the present one.
    func code(_ clock: TestClock, steps: Int64 = 0) -> SecretBytes {
        TOTP.code(secret: secret, step: TOTP.step(at: clock.now) + steps).digits
    }

    /// The same as a second factor.
    func totp(_ clock: TestClock, steps: Int64 = 0) -> SecondFactor {
        .totp(code(clock, steps: steps))
    }
}

extension AuthenticatorFixture {
    /// Registers an account, logs it in, and turns MFA on with the code of the present step. Then
    /// the clock moves on by a step, so that the user has a fresh code.
    func mfaUser(email: String = "ada@example.com") async throws -> MFAUser {
        let tokens = try await login(email: email)
        let (token, secret) = try await enroll(tokens)
        let codes = try await authenticator.verifyMFA(
            password: Self.password, enrollmentToken: token,
            code: TOTP.code(secret: secret, step: TOTP.step(at: clock.now)).digits,
            accessToken: tokens.access, context: RequestContext())
        clock.advance(by: .seconds(30))
        return MFAUser(email: email, tokens: tokens, secret: secret, recoveryCodes: codes)
    }

    /// Begins an enrollment.
    func enroll(_ tokens: IssuedTokens) async throws -> (token: SecretBytes, TOTPSecret) {
        let enrollment = try await authenticator.registerMFA(
            password: Self.password, accessToken: tokens.access, context: RequestContext())
        let bytes = try #require(Base32.decode(enrollment.secretBase32))
        return (enrollment.token, try #require(TOTPSecret(bytes)))
    }

    /// Logs a user with MFA in.
    func login(
        _ user: MFAUser, _ factor: SecondFactor?, password: SecretBytes = Self.password
    ) async throws -> IssuedTokens {
        try await loginAgain(email: user.email, password: password, secondFactor: factor)
    }

    /// The row of an account.
    func row(_ email: String = "ada@example.com") async throws -> EntityProperties {
        try #require(try await store.get(key(email))).properties
    }

    /// The sealed secret in an account's row.
    func sealedSecret(_ email: String = "ada@example.com") async throws -> String {
        guard case .string(let text) = try await row(email)["totpSecret"] else {
            Issue.record("no sealed secret")
            return ""
        }
        return text
    }

    /// Changes a property of an account's row, as whoever has the table could.
    func set(
        _ name: String, _ value: EntityProperty?, _ email: String = "ada@example.com"
    ) async throws {
        let entity = try #require(try await store.get(key(email)))
        var properties = entity.properties
        properties[name] = value
        _ = try await store.transact(
            partition: entity.key.partition,
            [.replace(entity.key, properties, ifMatch: try #require(entity.etag))])
    }

    private func key(_ email: String) -> EntityKey {
        EntityKey(partition: AccountPartition(email: email).name, row: "account")
    }

    /// Runs `body` and gives back how often bcrypt and PBKDF2 ran.
    func cost(_ body: () async throws -> Void) async rethrows -> [Int] {
        let before = (hasher.bcryptRuns.total, sealing.pbkdf2Runs.total)
        try await body()
        return [hasher.bcryptRuns.total - before.0, sealing.pbkdf2Runs.total - before.1]
    }
}
