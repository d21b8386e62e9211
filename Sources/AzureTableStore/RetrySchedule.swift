/// When a request is resent, and how long each attempt may take. Time and randomness are arguments.
struct RetrySchedule: Sendable {
    /// Retries of a request that somebody waits for; of one in the background.
    static let retriesForCaller = 2
    static let retriesInBackground = 3
    /// Retries of a write of unknown outcome: until there is an answer.
    static let retriesUnknown = 6
    /// How long a call may take in total; its caller's deadline shortens it.
    static let budget = Duration.seconds(15)
    /// How long one attempt may take.
    static let attemptMax = Duration.seconds(10)
    static let attemptMin = Duration.milliseconds(300)
    private static let base = Duration.milliseconds(200)
    private static let cap = Duration.seconds(5)

    /// The wait before retry `number`, from 1: full jitter, or what the service asks for.
    ///
    /// - Parameters:
    ///   - number: of the retry.
    ///   - chance: 0 to 1, drawn anew each time.
    ///   - retryAfter: what the service asks for, if it does.
    /// - Returns: the wait.
    static func delay(before number: Int, chance: Double, retryAfter: Duration?) -> Duration {
        let ceiling = min(cap, base * (1 << min(number - 1, 10)))
        return max(ceiling * chance, retryAfter ?? .zero)
    }

    /// How long an attempt may take when `remaining` is left: half of it, so that an answer that
    /// never comes leaves time to find out the outcome of the request.
    static func attempt(remaining: Duration) -> Duration {
        min(attemptMax, max(min(remaining, attemptMin), remaining / 2))
    }

    /// The `timeout` parameter of an attempt, in whole seconds: somewhat before we give up, so that
    /// an abandoned write ends soon (at most 30, Setting Timeouts for Table Service Operations).
    static func serverSeconds(attempt: Duration) -> Int {
        max(1, Int(attempt.components.seconds * 4 / 5))
    }
}
