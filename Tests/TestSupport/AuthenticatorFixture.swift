package import AuthCore
package import Bytes
import Cryptography
package import DispatchBridge
package import Storage

/// An authenticator on a store, with a clock that tests move and hashes that are quick.
package struct AuthenticatorFixture: Sendable {
    package let authenticator: Authenticator
    package let store: any EntityStore
    package let clock: TestClock
    package let hasher: PasswordHasher
    /// Where the hashing runs.
    package let pool: WorkerPool
    package let sealing: TOTPSecretSealing

    /// A password that the default policy takes.
    package static let password = SecretBytes(utf8: "violet-anchor-93-trumpet")

    /// What the server's key is made of, unless a test says otherwise.
    package static let serverKey = "the server's key in the tests, 32 bytes or more"

    /// - Parameters:
    ///   - store: shared by several fixtures, it plays several daemons.
    ///   - oldTable: where users of the old application may be.
    ///   - clock: likewise.
    ///   - cacheLifetime: of the session cache.
    ///   - bcryptCost: of new hashes.
    ///   - policy: lifetimes and limits.
    ///   - serverKeys: the server's keys; the first seals.
    ///   - lockout: how many failures are free.
    ///   - unsavedFailures: is told of failures that were not stored.
    ///   - unreadableRows: is told of rows that were left out.
    ///   - iterations: of PBKDF2 for new secrets; the fewest allowed, to be quick.
    /// - Throws: what the keys are refused for.
    package init(
        store: any EntityStore = MemoryStore(), oldTable: OldTable? = nil,
        clock: TestClock = TestClock(),
        cacheLifetime: Duration = .zero, bcryptCost: Int = 4,
        policy: SessionPolicy = SessionPolicy(), serverKeys: [String] = [Self.serverKey],
        lockout: LockoutPolicy = LockoutPolicy(),
        unsavedFailures: @escaping UnsavedNotice = { _, _ in },
        unreadableRows: @escaping UnreadableNotice = { _ in },
        iterations: Int = 10_000
    ) throws {
        self.store = store
        self.clock = clock
        let secret = SecretBytes(utf8: "a secret of the tests, 32 bytes or more")
        pool = WorkerPool(threadCount: 2, queueCountMax: 1000)
        hasher = PasswordHasher(pool: pool, cost: bcryptCost, policy: PasswordPolicy())
        let keys = serverKeys.map { SecretBytes(utf8: $0) }
        let keyRing = try ServerKeyRing(current: keys[0], older: Array(keys.dropFirst()))
        sealing = TOTPSecretSealing(keyRing: keyRing, iterations: iterations)
        guard let issuer = OTPIssuer("authd") else {
            preconditionFailure("the tests' own name is an issuer")
        }
        authenticator = Authenticator(
            store: store, oldTable: oldTable, hasher: hasher,
            accessTokens: AccessTokens(
                keys: [try SignatureKey(secret: secret, algorithm: .hs256)], issuer: "authd",
                audience: "authd"),
            refreshTokens: try RefreshTokens(secret: secret), cacheLifetime: cacheLifetime,
            policy: policy, sealing: sealing, keyRing: keyRing, mfaIssuer: issuer, lockout: lockout,
            unsavedFailures: unsavedFailures, unreadableRows: unreadableRows, now: { clock.now })
    }

    /// Registers an account and logs it in.
    package func login(email: String = "ada@example.com") async throws -> IssuedTokens {
        _ = try await authenticator.register(
            email: email, password: Self.password, context: RequestContext())
        return try await loginAgain(email: email)
    }

    /// Logs a registered account in.
    package func loginAgain(
        email: String = "ada@example.com", password: SecretBytes = Self.password,
        secondFactor: SecondFactor? = nil
    ) async throws -> IssuedTokens {
        try await authenticator.login(
            email: email, password: password, secondFactor: secondFactor,
            context: RequestContext())
    }
}
