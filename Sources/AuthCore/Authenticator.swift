import Bytes
package import Storage

/// The operations on accounts and sessions: what the daemon is for.
///
/// Each operation reads what it needs, decides, and writes conditionally on the versions it read. A
/// write that lost to another one starts over from the read, so every decision was valid when it
/// was stored. The operations are in extensions, one file per group.
package final class Authenticator: Sendable {
    let repository: AccountRepository
    let hasher: PasswordHasher
    let accessTokens: AccessTokens
    let refreshTokens: RefreshTokens
    let cache: SessionCache
    let policy: SessionPolicy
    let sealing: TOTPSecretSealing
    let keyRing: ServerKeyRing
    let enrollmentTokens: EnrollmentToken
    let mfaIssuer: OTPIssuer
    let lockout: Lockout
    let lockoutPolicy: LockoutPolicy
    /// The present moment in UTC.
    let now: @Sendable () -> Timestamp
    /// The same, some milliseconds old.
    let coarseNow: @Sendable () -> Timestamp

    /// How often an operation starts over before it answers `.conflict`. Writers of one account
    /// meet in bursts of at most a few dozen, and each round lets at least one of them through.
    static let attemptsMax = 64

    /// - Parameters:
    ///   - store: where accounts and sessions are stored.
    ///   - oldTable: where users of the old application may still be; nil for nowhere.
    ///   - hasher: hashes and checks passwords.
    ///   - accessTokens: makes and checks access tokens.
    ///   - refreshTokens: makes and checks refresh tokens.
    ///   - cacheLifetime: how long VerifyToken may rely on a read; zero for never.
    ///   - policy: how long tokens and sessions live.
    ///   - sealing: protects TOTP secrets at rest.
    ///   - keyRing: the server's keys, for enrollment tokens.
    ///   - mfaIssuer: the name under which authenticators list accounts.
    ///   - lockout: how many failures are free, and what happens then.
    ///   - unsavedFailures: is told about failures that were counted but could not be stored.
    ///   - unreadableRows: is told about rows that a listing, a read or a removal went on without.
    ///   - now: the present moment in UTC.
    ///   - coarseNow: the same, from a clock that is cheaper to read and may lag by some
    ///     milliseconds; nil for `now`.
    package init(
        store: any EntityStore, oldTable: OldTable?, hasher: PasswordHasher,
        accessTokens: AccessTokens, refreshTokens: RefreshTokens, cacheLifetime: Duration,
        policy: SessionPolicy, sealing: TOTPSecretSealing, keyRing: ServerKeyRing,
        mfaIssuer: OTPIssuer, lockout: LockoutPolicy = LockoutPolicy(),
        unsavedFailures: @escaping UnsavedNotice = { _, _ in },
        unreadableRows: @escaping UnreadableNotice = { _ in },
        now: @escaping @Sendable () -> Timestamp,
        coarseNow: (@Sendable () -> Timestamp)? = nil
    ) {
        repository = AccountRepository(
            store: store, oldTable: oldTable, policy: policy, unreadable: unreadableRows)
        self.lockout = Lockout(
            policy: lockout, writer: FailureWriter(repository: repository, now: now),
            notify: unsavedFailures, now: now)
        self.hasher = hasher
        self.accessTokens = accessTokens
        self.refreshTokens = refreshTokens
        cache = SessionCache(lifetime: cacheLifetime)
        self.policy = policy
        self.sealing = sealing
        self.keyRing = keyRing
        enrollmentTokens = EnrollmentToken(keyRing: keyRing)
        self.mfaIssuer = mfaIssuer
        lockoutPolicy = lockout
        self.now = now
        self.coarseNow = coarseNow ?? now
    }

    /// Whether the store answers.
    ///
    /// - Throws: `.storeUnavailable`.
    package func checkHealth() async throws(AuthError) {
        try await storing { () async throws(StoreError) in try await repository.checkHealth() }
    }

    /// Returns when the failures that were counted are stored, or can't be: before the store is
    /// closed.
    package func storeFailures() async {
        await lockout.settle()
    }

    /// How many calls are waiting for the outcome of others about the same account or network.
    package var waitingTries: Int { lockout.waitingCount }

    /// The public keys as a JWK Set (RFC 7517 §5).
    package var signingKeys: String { accessTokens.jwks }

    /// Runs a store call that has no condition to lose.
    func storing<Value>(
        _ body: () async throws(StoreError) -> Value
    ) async throws(AuthError) -> Value {
        do {
            return try await body()
        } catch {
            throw AuthError(error)
        }
    }

    /// Runs `body` until its write is not lost to another one: nil asks for another round.
    func retryingConflicts<Value>(
        _ body: () async throws(AuthError) -> Value?
    ) async throws(AuthError) -> Value {
        for _ in 0..<Authenticator.attemptsMax {
            if Task.isCancelled { throw .cancelled }
            if let value = try await body() { return value }
        }
        throw .conflict
    }

    /// Runs a conditional write: false when it lost to another one.
    func writing(_ body: () async throws(StoreError) -> Void) async throws(AuthError) -> Bool {
        do {
            try await body()
            return true
        } catch {
            if error.isLostRace { return false }
            throw AuthError(error)
        }
    }
}
