import AuthCore
import Bytes
import Dispatch
import DispatchBridge
import TestSupport
import Testing

/// Returns when the condition holds; fails the test when it does not for 20 seconds.
func eventually(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
        try #require(ContinuousClock.now < deadline)
        await Task.yield()
    }
}

/// What a try came to.
enum Outcome: Equatable, Sendable {
    case accepted
    /// The name of the `AuthError`.
    case refused(String)
    case throttled(Duration)

    static let wrong = Outcome.refused("invalidCredentials")
    static let wrongCode = Outcome.refused("mfaCodeInvalid")

    var isThrottled: Bool {
        if case .throttled = self { true } else { false }
    }

    init(_ body: () async throws -> Void) async {
        do {
            try await body()
            self = .accepted
        } catch AuthError.throttled(let wait) {
            self = .throttled(wait)
        } catch {
            self = .refused(String("\(error)".prefix { $0 != "(" }))
        }
    }
}

extension AuthenticatorFixture {
    /// Registers an account.
    func register(_ email: String = "ada@example.com") async throws {
        _ = try await authenticator.register(
            email: email, password: Self.password, context: RequestContext())
    }

    /// Tries a password, the right one unless it is given.
    func attempt(
        _ password: String? = nil, email: String = "ada@example.com",
        _ factor: SecondFactor? = nil, address: String? = nil, caller: String = "uid 1000"
    ) async -> Outcome {
        await Outcome {
            _ = try await authenticator.login(
                email: email, password: password.map { SecretBytes(utf8: $0) } ?? Self.password,
                secondFactor: factor,
                context: RequestContext(clientAddress: address, caller: caller))
        }
    }

    /// Tries wrong passwords one after the other, each a new one.
    func guess(
        _ count: Int, email: String = "ada@example.com", address: String? = nil,
        caller: String = "uid 1000", from first: Int = 0
    ) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for number in first..<first + count {
            outcomes.append(
                await attempt("guess-\(number)", email: email, address: address, caller: caller))
        }
        return outcomes
    }

    /// Keeps all hashing threads busy, until what it gives back is called.
    func holdHashing() async -> @Sendable () -> Void {
        let end = DispatchSemaphore(value: 0)
        let threads = pool.threadCount
        for _ in 0..<threads {
            let begun = Promise<Void>()
            Task {
                try? await pool.run {
                    begun.fulfil(())
                    end.wait()
                }
            }
            await begun.value()
        }
        return { for _ in 0..<threads { end.signal() } }
    }

    /// Tries wrong passwords one after the other, each as soon as it may be tried.
    func guessPatiently(_ count: Int, email: String = "ada@example.com") async {
        for number in 0..<count {
            if case .throttled(let wait) = await attempt("patient-\(number)", email: email) {
                clock.advance(by: wait)
                _ = await attempt("patient-\(number)", email: email)
            }
        }
    }
}
