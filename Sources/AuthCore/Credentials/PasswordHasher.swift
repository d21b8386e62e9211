import Bytes
package import Cryptography
package import DispatchBridge

/// Hashes and checks passwords on a bounded pool of threads.
///
/// A refusal costs the rounds of one bcrypt of today's cost, whether there is an account or not, so
/// that time tells nothing about who is registered. Only an account whose hash costs more than
/// today's, or is of another scheme than bcrypt, may be told by it until its next login.
package struct PasswordHasher: Sendable {
    private let pool: WorkerPool
    private let cost: Int
    private let policy: PasswordPolicy
    private let engine: BcryptEngine
    /// What is checked if there is no account: has the current cost, and matches no password.
    private let decoy: BcryptHash
    /// How often bcrypt ran.
    package let bcryptRuns = RunCounter()

    /// The verdict on a password for a login.
    package struct Verdict: Sendable {
        /// Whether the password is the account's.
        package let isCorrect: Bool
        /// A hash to store instead of the present one, whose scheme or cost is not today's; nil for
        /// a disabled account, which nobody gets into.
        package let replacement: String?
    }

    /// - Parameters:
    ///   - pool: where the hashing runs.
    ///   - cost: bcrypt's cost for new hashes: 2^cost rounds.
    ///   - policy: what a new password must meet.
    ///   - engine: what computes bcrypt; the pool has as many threads as it can use.
    package init(
        pool: WorkerPool, cost: Int, policy: PasswordPolicy, engine: BcryptEngine = .library
    ) {
        self.pool = pool
        self.cost = cost
        self.policy = policy
        self.engine = engine
        decoy = BcryptHash.decoy(cost: cost)
    }

    /// Checks a new password against the policy and hashes it.
    ///
    /// - Throws: `.passwordTooWeak`, `.overloaded`, `.deadlineExceeded`, `.cancelled`,
    ///   `.internalFault`.
    func hash(
        new password: SecretBytes, email: EmailAddress, deadline: ContinuousClock.Instant?
    ) async throws(AuthError) -> String {
        let result = try await run(deadline) { () -> Result<String, AuthError> in
            judgeAndHash(PasswordNormalization.nfc(password), email: email)
        }
        return try result.get()
    }

    /// Does the work of `hash(new:email:deadline:)`, blocking, for a job on the pool.
    ///
    /// - Parameters:
    ///   - normalized: the new password in NFC.
    ///   - email: the account's address.
    /// - Returns: the hash, `.passwordTooWeak`, or `.internalFault`.
    func judgeAndHash(
        _ normalized: SecretBytes, email: EmailAddress
    ) -> Result<String, AuthError> {
        let violations = policy.violations(of: normalized, email: email)
        guard violations.isEmpty else { return .failure(.passwordTooWeak(violations)) }
        return make(normalized)
    }

    /// Checks a password against the hash of `account`, or against the decoy if there is none;
    /// blocking, for a job on the pool.
    ///
    /// A password that NFC changes is also tried as received, because older applications hashed
    /// that; both are always computed then, so the time does not reveal which matched.
    ///
    /// - Parameters:
    ///   - raw: the password as received.
    ///   - normalized: the same in NFC.
    ///   - account: nil if there is none; costs the same.
    /// - Returns: the verdict, or `.internalFault`.
    func check(
        _ raw: SecretBytes, normalized: SecretBytes, of account: Account?
    ) -> Result<Verdict, AuthError> {
        do {
            let hash =
                try account.map { try PasswordHash(parsing: $0.passwordHash) } ?? .bcrypt(decoy)
            let truncates = account?.passwordMayBeTruncated ?? false
            let forms = normalized == raw ? [normalized] : [normalized, raw]
            var matches = false
            for form in forms {
                bcryptRuns.count(1)
                if try hash.verify(form, allowsTruncation: truncates, engine: engine) {
                    matches = true
                }
            }
            // A disabled account is refused whatever the password is: the right one costs no more.
            guard matches, let account, !account.isDisabled else {
                for form in forms { try spendRest(after: hash, on: form) }
                return .success(
                    Verdict(isCorrect: matches && account != nil, replacement: nil))
            }
            guard truncates || !hash.isCurrent(for: normalized, cost: cost) else {
                return .success(Verdict(isCorrect: true, replacement: nil))
            }
            return make(normalized).map { Verdict(isCorrect: true, replacement: $0) }
        } catch {
            return .failure(.internalFault("checking a password failed: \(error)"))
        }
    }

    /// Runs what a bcrypt hash of a lower cost leaves of today's rounds: with c, c + 1, and so on up
    /// to the cost below today's they are 2^c + 2^c + 2^(c+1) + ... = 2^today.
    private func spendRest(
        after hash: PasswordHash, on password: SecretBytes
    ) throws(CryptographyError) {
        guard case .bcrypt(let hash) = hash, hash.cost < cost else { return }
        for cost in hash.cost..<cost {
            bcryptRuns.count(1)
            _ = try BcryptHash.decoy(cost: cost).verify(
                password, allowsTruncation: false, engine: engine)
        }
    }

    private func make(_ normalized: SecretBytes) -> Result<String, AuthError> {
        do {
            bcryptRuns.count(1)
            return .success(
                try BcryptHash.make(password: normalized, cost: cost, engine: engine).text)
        } catch {
            return .failure(.internalFault("hashing a password failed: \(error)"))
        }
    }

    /// Runs a job on the pool.
    ///
    /// - Throws: `.overloaded`, `.deadlineExceeded`, `.cancelled`; the job did not start.
    func run<Value: Sendable>(
        _ deadline: ContinuousClock.Instant?, _ work: @escaping @Sendable () -> Value
    ) async throws(AuthError) -> Value {
        do {
            return try await pool.run(deadline: deadline, work)
        } catch {
            switch error {
            case .queueFull: throw .overloaded(retryAfter: PasswordHasher.retryAfter)
            case .deadlineExceeded: throw .deadlineExceeded
            case .cancelled, .shutDown: throw .cancelled
            }
        }
    }

    /// About the time until a full queue has room for a few callers.
    private static let retryAfter: Duration = .seconds(1)
}
