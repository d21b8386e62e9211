/// Refuses at once what would wait in vain: a state machine without its own clock.
///
/// Closed, it counts the outcomes of the last seconds, and opens when most of them are failures.
/// Open, it refuses for a while, then lets one request through: if that is answered it closes, else
/// it opens again for twice as long.
struct CircuitBreaker: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What an outcome changed, for the log.
    enum Change {
        case opened, closed
    }

    private enum State {
        case closed
        case open(until: Instant)
        /// One request is on its way; if nothing comes of it, another may try then.
        case probing(until: Instant)
    }

    /// Fewer failures may be bad luck: one lost connection in each of four daemons.
    static let failuresMin = 5
    static let window = Duration.seconds(10)
    static let pauseMin = Duration.seconds(1)
    static let pauseMax = Duration.seconds(15)
    /// Longer than a request may take.
    private static let probeMax = Duration.seconds(12)

    private var state = State.closed
    private var pause = pauseMin
    private var windowStart: Instant?
    private var failures = 0
    private var successes = 0

    /// - Returns: whether a request may be sent now.
    mutating func allows(at now: Instant) -> Bool {
        switch state {
        case .closed:
            return true
        case .open(let until), .probing(let until):
            guard now >= until else { return false }
            state = .probing(until: now + CircuitBreaker.probeMax)
            return true
        }
    }

    /// The service answered, whatever it said.
    mutating func succeeded(at now: Instant) -> Change? {
        guard case .closed = state else {
            self = CircuitBreaker()
            return .closed
        }
        advance(to: now)
        successes += 1
        return nil
    }

    /// The service did not answer, or said that it is unable to.
    mutating func failed(at now: Instant) -> Change? {
        if case .probing = state {
            pause = min(pause * 2, CircuitBreaker.pauseMax)
            state = .open(until: now + pause)
            return nil
        }
        guard case .closed = state else { return nil }
        advance(to: now)
        failures += 1
        guard failures >= CircuitBreaker.failuresMin, failures > successes else { return nil }
        state = .open(until: now + pause)
        return .opened
    }

    /// The request revealed nothing about the service: its caller went away, or it was never sent.
    mutating func learnedNothing(at now: Instant) {
        if case .probing = state { state = .open(until: now) }
    }

    private mutating func advance(to now: Instant) {
        guard let start = windowStart, now - start < CircuitBreaker.window else {
            windowStart = now
            (failures, successes) = (0, 0)
            return
        }
    }
}
