import Bytes
import Cryptography
import HTTPClient
import Storage
import Synchronization

/// Sends requests until there is an answer: signs them, repeats what may be repeated, gives up in
/// time, and does not try if it is in vain.
final class TableClient: Sendable {
    /// The outcome of a request.
    struct Result: Sendable {
        let answer: Answer
        /// Whether the request may have been carried out before the one that was answered: a
        /// refusal may then be its own effect.
        let isAmbiguous: Bool
    }

    private struct State {
        var breaker = CircuitBreaker()
        var budget = RetryBudget()
        /// Local time less the server's, according to its last answer.
        var skew: Duration?
        /// Whether the request that failed last would fail again unchanged.
        var isRefused = false
    }

    let endpoint: AzureEndpoint
    let table: String
    let credentials: Credentials
    private let http: any HTTPSending
    private let environment: AzureEnvironment
    private let state = Mutex(State())

    init(
        endpoint: AzureEndpoint, table: String, credentials: Credentials, http: any HTTPSending,
        environment: AzureEnvironment
    ) {
        self.endpoint = endpoint
        self.table = table
        self.credentials = credentials
        self.http = http
        self.environment = environment
    }

    /// Local time less the service's, according to its last answer; nil before the first.
    var skew: Duration? { state.withLock { $0.skew } }

    /// Whether the request that failed last would fail again unchanged: what the service refuses,
    /// an unknown name, an invalid certificate.
    var isRefused: Bool { state.withLock { $0.isRefused } }

    /// Sends `request`, again where that may help, until its verdict is one about entities.
    ///
    /// - Parameters:
    ///   - request: the same bytes each time.
    ///   - isWrite: whether it matters that it may have been carried out.
    ///   - budget: how long it may take in total; limited by the caller's deadline.
    ///   - understand: what a response means.
    /// - Returns: an answer with `.done`, `.alreadyExists`, `.notFound`, `.versionMismatch` or
    ///   `.placeUnknown`; or `.tableNotFound`, if `request` was certainly not carried out.
    /// - Throws: `.unavailable`; `.unknownOutcome` when it may have been carried out; `.cancelled`.
    func perform(
        _ request: TableRequest, isWrite: Bool, budget: Duration = RetrySchedule.budget,
        _ understand: (HTTPResponse) -> Answer
    ) async throws(StoreError) -> Result {
        let deadline = TableClient.deadline(budget)
        let requestID = TableClient.requestID()
        var isUnknown = false
        var isAmbiguous = false
        var retries = 0
        state.withLock { $0.budget.earn() }
        while true {
            let outcome = await attempt(request, requestID, deadline, understand)
            if isWrite, outcome.mayHaveBeenDone { isUnknown = true }
            if outcome.mayHaveBeenDoneBefore || isUnknown { isAmbiguous = true }
            if let answer = outcome.answer {
                switch answer.verdict {
                case .done, .alreadyExists, .notFound, .versionMismatch, .placeUnknown:
                    return Result(answer: answer, isAmbiguous: isAmbiguous)
                case .tableNotFound where !isUnknown:
                    return Result(answer: answer, isAmbiguous: isAmbiguous)
                case .throttled: isAmbiguous = true
                case .tableNotFound, .unknown, .unauthorized, .refused: break
                }
            }
            if outcome.isCancelled { throw .cancelled }
            retries += 1
            guard outcome.mayBeRepeated, retries <= TableClient.retriesMax(isUnknown: isUnknown),
                await pause(retries, outcome.retryAfter, deadline)
            else {
                state.withLock { $0.isRefused = !outcome.isPassing }
                throw isUnknown ? .unknownOutcome(outcome.problem) : .unavailable(outcome.problem)
            }
        }
    }

    // MARK: - One sending

    private func attempt(
        _ request: TableRequest, _ requestID: String, _ deadline: ContinuousClock.Instant,
        _ understand: (HTTPResponse) -> Answer
    ) async -> AttemptOutcome {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else { return AttemptOutcome(problem: "no time is left") }
        guard state.withLock({ $0.breaker.allows(at: .now) }) else {
            return AttemptOutcome(
                problem: "Azure tables at \(endpoint.host) do not answer; retrying soon",
                isPassing: true)
        }
        let signing: Signing
        do {
            signing = try await credentials.current(until: deadline)
        } catch {
            state.withLock { $0.breaker.learnedNothing(at: .now) }
            return AttemptOutcome(problem: error.text, isCancelled: error == .cancelled)
        }
        let time = RetrySchedule.attempt(remaining: remaining)
        let signed = signing.request(
            request, to: endpoint, now: environment.now(),
            timeoutSeconds: RetrySchedule.serverSeconds(attempt: time), requestID: requestID)
        do {
            let response = try await http.send(signed, timeout: time)
            return await answered(response, signing, understand)
        } catch {
            return failed(error, time)
        }
    }

    private func answered(
        _ response: HTTPResponse, _ signing: Signing, _ understand: (HTTPResponse) -> Answer
    ) async -> AttemptOutcome {
        let answer = understand(response)
        let localTime = environment.now()
        let serverTime = response.header("date").flatMap { CivilTime(http: $0)?.timestamp }
        let isFailure = answer.verdict == .throttled || answer.verdict == .unknown
        note(isFailure: isFailure, skew: serverTime.map { localTime.since($0) })
        var mayBeRepeated = isFailure
        if answer.verdict == .unauthorized, case .token(let token, _) = signing {
            await credentials.drop(token)
            mayBeRepeated = true
        }
        let text = FailureText(
            endpoint: endpoint, table: table, credential: signing.credential,
            localTime: localTime, serverTime: serverTime,
            requestID: response.header("x-ms-request-id") ?? "")
        let problem = answer.error.map(text.text) ?? "the table service's answer is truncated"
        return AttemptOutcome(
            answer: answer, problem: problem, mayBeRepeated: mayBeRepeated,
            mayHaveBeenDone: answer.verdict == .unknown
                || (response.sendCount > 1 && mayBeRepeated),
            mayHaveBeenDoneBefore: response.sendCount > 1, isPassing: isFailure,
            retryAfter: RetryAfter.delay(response.header("retry-after"), now: localTime))
    }

    private func failed(_ error: HTTPError, _ time: Duration) -> AttemptOutcome {
        let host = endpoint.host
        var isFailure = true
        var mayBeRepeated = true
        let problem: String
        switch error.kind {
        case .nameNotFound:
            problem = "\(error); check the account's name and the cloud in ENDPOINT"
        case .notConnected, .broken:
            problem = "Azure tables at \(host): \(error)"
        case .notTrusted:
            problem =
                "Azure tables at \(host): \(error); for a proxy that intercepts TLS, name its "
                + "authority in AUTHD_AZURE_CA_FILE"
            mayBeRepeated = false
        case .timedOut:
            problem = "Azure tables at \(host): \(error)"
            // A caller in a hurry says little about the service.
            isFailure = time >= .seconds(1)
        case .tooLarge:
            problem = "Azure tables at \(host): \(error)"
            (isFailure, mayBeRepeated) = (false, false)
        case .cancelled, .invalidRequest, .overloaded, .closed:
            problem = "\(error)"
            (isFailure, mayBeRepeated) = (false, false)
        }
        if isFailure {
            note(isFailure: true, skew: nil)
        } else {
            state.withLock { $0.breaker.learnedNothing(at: .now) }
        }
        return AttemptOutcome(
            problem: problem, isCancelled: error.kind == .cancelled,
            mayBeRepeated: mayBeRepeated, mayHaveBeenDone: error.mayHaveBeenSent,
            isPassing: mayBeRepeated && error.kind != .nameNotFound)
    }

    private func note(isFailure: Bool, skew: Duration?) {
        let change = state.withLock { state -> CircuitBreaker.Change? in
            if let skew { state.skew = skew }
            return isFailure
                ? state.breaker.failed(at: .now) : state.breaker.succeeded(at: .now)
        }
        switch change {
        case .opened:
            environment.notify(
                "Azure tables at \(endpoint.host) do not answer: requests are refused until they do"
            )
        case .closed: environment.notify("Azure tables at \(endpoint.host) answer again")
        case nil: break
        }
    }

    // MARK: - Time

    /// - Returns: false when there is no time or no budget for another attempt.
    private func pause(
        _ number: Int, _ retryAfter: Duration?, _ deadline: ContinuousClock.Instant
    ) async -> Bool {
        let delay = RetrySchedule.delay(
            before: number, chance: environment.chance(), retryAfter: retryAfter)
        guard ContinuousClock.now + delay + RetrySchedule.attemptMin <= deadline,
            state.withLock({ $0.budget.spend() })
        else { return false }
        return (try? await environment.sleep(delay)) != nil
    }

    private static func deadline(_ budget: Duration) -> ContinuousClock.Instant {
        let own = ContinuousClock.now + budget
        guard let callers = StoreDeadline.current else { return own }
        return min(callers, own)
    }

    private static func retriesMax(isUnknown: Bool) -> Int {
        if isUnknown { return RetrySchedule.retriesUnknown }
        return StoreDeadline.current == nil
            ? RetrySchedule.retriesInBackground : RetrySchedule.retriesForCaller
    }

    /// A random UUID (RFC 9562 §5.4).
    private static func requestID() -> String {
        var bytes = SecureRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(Hex.encode(bytes))
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
        return parts.joined(separator: "-")
    }
}
