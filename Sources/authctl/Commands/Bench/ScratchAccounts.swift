import AuthClient
import Bytes
import Cryptography
import Synchronization

/// A benchmark's own accounts: created before it, removed after it.
///
/// One per caller, because a daemon allows only a few attempts at one account at once,
/// and two logins to one account at the same time change the same row.
final class ScratchAccounts: Sendable {
    /// How long a call is retried that the daemon was too busy for, or did not allow yet.
    private static let patience: Duration = .seconds(30)
    /// How long to wait before the next attempt: at least, and at most.
    private static let pauses = 0.2...1.0

    private let context: Context
    /// How many accounts are created or removed at a time.
    private let width: Int
    /// No daemon sends mail, and nobody can have an address there (RFC 2606 §2).
    private let stem = "bench-" + Hex.encode(SecureRandom.bytes(10))
    private let password: Secret
    /// The accounts that may exist, with the newest access token of each.
    private let accounts = Mutex<[Int: Secret?]>([:])

    /// - Parameters:
    ///   - context: its client creates and removes them.
    ///   - width: how many of these calls are in flight at once.
    init(_ context: Context, width: Int) {
        self.context = context
        self.width = width
        password = ScratchAccounts.makePassword()
    }

    /// The address of the account with a number.
    func address(_ number: Int) -> String { "\(stem)-\(number)@example.invalid" }

    /// The addresses of those that may exist.
    var addresses: [String] {
        accounts.withLock { $0.keys.sorted() }.map(address)
    }

    /// What to do about accounts that were left; empty when there are none.
    var farewell: String {
        let lines = addresses.map { "  authctl admin users delete \($0)" }
        guard !lines.isEmpty else { return "" }
        return (["scratch accounts may be left; an administrator can remove them:"] + lines)
            .joined(separator: "\n")
    }

    /// The failure that accounts were left, because of `reason`.
    func failure(leftBecauseOf reason: Failure) -> Failure {
        Failure(
            .failed, "ACCOUNTS_LEFT", "not all accounts could be removed: \(reason.reason)",
            hint: farewell)
    }

    /// Access tokens of accounts that have logged in.
    var accessTokens: [Secret] {
        accounts.withLock { accounts in
            accounts.sorted { $0.key < $1.key }.compactMap(\.value)
        }
    }

    /// Creates `count` accounts; fewer when `isStopped`.
    ///
    /// - Throws: `Failure` when one can't be created. Those that were created stay.
    func make(_ count: Int, isStopped: @escaping @Sendable () -> Bool) async throws(Failure) {
        let failure = await each(0..<count, endsAtFailure: true) { number in
            guard !isStopped() else { return nil }
            // Recorded before the call, whose outcome may stay unknown.
            self.note(nil, of: number)
            let failure = await self.patiently { await self.register(number) }
            if failure?.exitCode == .refused { self.forget(number) }
            return failure
        }
        if let failure { throw failure }
    }

    /// Logs in to one of them.
    func logIn(_ number: Int, through client: AuthClient) async -> Failure? {
        await context.outcome { () async throws(AuthClientError) in
            let login = try await client.login(
                email: address(number), password: password, options: context.options)
            note(login.tokens.access, of: number)
        }
    }

    /// Removes all that may exist.
    ///
    /// - Returns: why one is left, or nil when none is.
    func removeAll() async -> Failure? {
        await each(accounts.withLock { $0.keys.sorted() }, endsAtFailure: false) { number in
            await self.patiently { await self.remove(number) }
        }
    }

    private func register(_ number: Int) async -> Failure? {
        let failure = await context.outcome { () async throws(AuthClientError) in
            _ = try await context.client.register(
                email: address(number), password: password, options: context.options)
        }
        // Nobody else takes such an address: an earlier attempt, whose answer was lost, created it.
        return failure?.reason == "EMAIL_TAKEN" ? nil : failure
    }

    /// Removes an account, with its token or a new one.
    private func remove(_ number: Int) async -> Failure? {
        if let token = accounts.withLock({ $0[number] ?? nil }) {
            let failure = await delete(number, token)
            // The session is gone, or an earlier attempt did remove the account.
            guard let failure, failure.reason.hasPrefix("TOKEN_") else { return failure }
        }
        let failure = await logIn(number, through: context.client)
        guard failure?.reason != "INVALID_CREDENTIALS" else {
            forget(number)
            return nil
        }
        guard failure == nil, let token = accounts.withLock({ $0[number] ?? nil }) else {
            return failure
        }
        return await delete(number, token)
    }

    private func delete(_ number: Int, _ token: Secret) async -> Failure? {
        let failure = await context.outcome { () async throws(AuthClientError) in
            try await context.client.deleteUser(
                password: password, accessToken: token, options: context.options)
        }
        if failure == nil { forget(number) }
        return failure
    }

    private func note(_ token: Secret?, of number: Int) {
        accounts.withLock { _ = $0.updateValue(token, forKey: number) }
    }

    private func forget(_ number: Int) {
        accounts.withLock { _ = $0.removeValue(forKey: number) }
    }

    /// Retries what the daemon was too busy for, or did not allow yet.
    private func patiently(_ call: () async -> Failure?) async -> Failure? {
        let deadline = ContinuousClock.now + ScratchAccounts.patience
        while true {
            guard let failure = await call() else { return nil }
            let mayPass = failure.exitCode == .failed || failure.reason == "THROTTLED"
            guard mayPass, ContinuousClock.now < deadline else { return failure }
            let pauses = ScratchAccounts.pauses
            let pause = min(failure.retryAfterSeconds ?? pauses.lowerBound, pauses.upperBound)
            try? await Task.sleep(for: .seconds(max(pause, pauses.lowerBound)))
        }
    }

    /// Does `body` for each number, `width` at a time; returns the first failure.
    private func each(
        _ numbers: some Collection<Int> & Sendable, endsAtFailure: Bool,
        _ body: @escaping @Sendable (Int) async -> Failure?
    ) async -> Failure? {
        await withTaskGroup(of: Failure?.self) { group in
            var rest = numbers.makeIterator()
            var first: Failure?
            for _ in 0..<width {
                guard let number = rest.next() else { break }
                group.addTask { await body(number) }
            }
            while let failure = await group.next() {
                first = first ?? failure
                if endsAtFailure && first != nil { continue }
                if let number = rest.next() { group.addTask { await body(number) } }
            }
            return first
        }
    }

    /// 240 random bits, with characters of all classes that a policy can require.
    private static func makePassword() -> Secret {
        let random = SecureRandom.secret(30)
        let tail = Array("-aA1".utf8)
        let count = Base64.url.encodedCount(random.count)
        let bytes = SecretBytes(count: count + tail.count) { text in
            random.withUnsafeBytes {
                _ = Base64.url.encode(
                    $0, into: UnsafeMutableRawBufferPointer(rebasing: text[..<count]))
            }
            UnsafeMutableRawBufferPointer(rebasing: text[count...]).copyBytes(from: tail)
        }
        return bytes.withUnsafeBytes { Secret(copying: $0) }
    }
}
