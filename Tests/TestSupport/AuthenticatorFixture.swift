package import AuthCore
package import Bytes
import Cryptography
import DispatchBridge
package import Storage

/// An authenticator on a store, with a clock that tests move and hashes that are quick.
package struct AuthenticatorFixture: Sendable {
    package let authenticator: Authenticator
    package let store: any EntityStore
    package let clock: TestClock

    /// A password that the default policy takes.
    package static let password = SecretBytes(utf8: "violet-anchor-93-trumpet")

    /// - Parameters:
    ///   - store: shared by several fixtures, it plays several daemons.
    ///   - clock: likewise.
    ///   - cacheLifetime: of the session cache.
    ///   - bcryptCost: of new hashes.
    ///   - policy: lifetimes and limits.
    /// - Throws: when OpenSSL refuses the fixed secret, which it does not.
    package init(
        store: any EntityStore = MemoryStore(), clock: TestClock = TestClock(),
        cacheLifetime: Duration = .zero, bcryptCost: Int = 4,
        policy: SessionPolicy = SessionPolicy()
    ) throws {
        self.store = store
        self.clock = clock
        let secret = SecretBytes(utf8: "a secret of the tests, 32 bytes or more")
        authenticator = Authenticator(
            store: store,
            hasher: PasswordHasher(
                pool: WorkerPool(threadCount: 2, queueCountMax: 1000), cost: bcryptCost,
                policy: PasswordPolicy()),
            accessTokens: AccessTokens(
                keys: [try SignatureKey(secret: secret, algorithm: .hs256)], issuer: "authd",
                audience: "authd"),
            refreshTokens: try RefreshTokens(secret: secret), cacheLifetime: cacheLifetime,
            policy: policy, now: { clock.now })
    }

    /// Registers an account and logs it in.
    package func login(email: String = "ada@example.com") async throws -> IssuedTokens {
        _ = try await authenticator.register(
            email: email, password: Self.password, context: RequestContext())
        return try await loginAgain(email: email)
    }

    /// Logs a registered account in.
    package func loginAgain(
        email: String = "ada@example.com", password: SecretBytes = Self.password
    ) async throws -> IssuedTokens {
        try await authenticator.login(
            email: email, password: password, context: RequestContext())
    }
}
