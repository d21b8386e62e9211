import Bytes
import DispatchBridge
import HTTPClient
import Storage

/// The current credential, and the token of an identity.
///
/// A token is requested once for all who wait, and used until five minutes before it expires. From
/// half of its lifetime on it is renewed in the background, so that no request waits for it.
actor Credentials {
    private var credential: AzureCredential
    private let http: any HTTPSending
    private let environment: AzureEnvironment
    private var token: EntraToken?
    /// When the token is renewed in the background.
    private var renewAt: Timestamp?
    private var fetching: Promise<Result<EntraToken, StoreError>>?
    /// Counts credentials: a token fetched for an earlier one is dropped.
    private var generation = 0

    /// Azure's libraries renew equally early.
    private static let margin = Duration.seconds(300)
    /// How long one token request may take, and how often it is repeated.
    private static let attemptTimeout = Duration.seconds(10)
    private static let attemptsMax = 6

    init(
        _ credential: AzureCredential, http: any HTTPSending, _ environment: AzureEnvironment
    ) {
        self.credential = credential
        self.http = http
        self.environment = environment
    }

    /// Takes another credential from now on.
    func replace(_ credential: AzureCredential) {
        self.credential = credential
        generation += 1
        token = nil
        fetching = nil
    }

    /// Forgets the token that the service refused, unless there already is a newer one.
    func drop(_ refused: EntraToken) {
        if token?.authorization == refused.authorization { token = nil }
    }

    /// What to sign a request with.
    ///
    /// - Parameter deadline: how long to wait for a token; fetching it continues for later callers.
    /// - Returns: what signs.
    /// - Throws: `.unavailable` when no token is available or none comes in time; `.cancelled`.
    func current(until deadline: ContinuousClock.Instant) async throws(StoreError) -> Signing {
        switch credential {
        case .signature(let signature): return .signature(signature, credential)
        case .sharedKey(let key): return .sharedKey(key, credential)
        case .identity(let identity):
            return .token(try await token(for: identity, until: deadline), credential)
        }
    }

    private func token(
        for identity: AzureIdentity, until deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> EntraToken {
        let moment = environment.now()
        if let token, moment.advanced(by: Credentials.margin) < token.expiresAt {
            if let renewAt, renewAt <= moment, fetching == nil { _ = startFetching(identity) }
            return token
        }
        let fetching = fetching ?? startFetching(identity)
        let fetched: Result<EntraToken, StoreError>
        do throws(PromiseWaitError) {
            fetched = try await fetching.value(until: deadline)
        } catch {
            switch error {
            case .deadlineExceeded:
                throw .unavailable("\(identity.summary): no token came in time")
            case .cancelled: throw .cancelled
            }
        }
        return try fetched.get()
    }

    private func startFetching(
        _ identity: AzureIdentity
    ) -> Promise<Result<EntraToken, StoreError>> {
        let mine = generation
        let promise = Promise<Result<EntraToken, StoreError>>()
        Task {
            let result = await fetch(identity)
            finish(result, mine)
            promise.fulfil(result)
        }
        fetching = promise
        return promise
    }

    private func finish(_ result: Result<EntraToken, StoreError>, _ generation: Int) {
        guard generation == self.generation else { return }
        fetching = nil
        switch result {
        case .success(let token):
            self.token = token
            let life = token.expiresAt.since(environment.now())
            renewAt = environment.now().advanced(by: life / 2)
        case .failure:
            // The old one, if any, stays in use; the next attempt is in half a minute.
            renewAt = environment.now().advanced(by: .seconds(30))
        }
    }

    private func fetch(_ identity: AzureIdentity) async -> Result<EntraToken, StoreError> {
        var assertion = SecretFileContent.content(.init())
        if case .workload(_, _, let path, _) = identity { assertion = environment.readFile(path) }
        guard case .content(let secret) = assertion else {
            return .failure(.unavailable("\(identity.summary): \(assertion.problem)"))
        }
        var problem = ""
        for attempt in 1...Credentials.attemptsMax {
            do {
                let response = try await http.send(
                    identity.tokenRequest(assertion: secret), timeout: Credentials.attemptTimeout)
                if let token = EntraToken(response, now: environment.now()) {
                    return .success(token)
                }
                problem = EntraToken.refusal(response, identity)
                guard identity.statusesToRetry.contains(response.status) else { break }
            } catch {
                problem = "\(identity.summary): no token: \(error)"
            }
            guard attempt < Credentials.attemptsMax else { break }
            let pause = RetrySchedule.delay(before: attempt + 1, chance: 1, retryAfter: nil)
            guard (try? await environment.sleep(pause)) != nil else { break }
        }
        return .failure(.unavailable(problem))
    }
}
