import Storage
import Testing

@testable import AzureTableStore

/// When to try again, and when not to: time and chance are arguments.
struct RetryTests {
    private let start = ContinuousClock.now

    @Test
    func `The breaker opens on failures, tries one request, and closes on an answer`() {
        let breaker = Breaker()
        for _ in 0..<CircuitBreaker.failuresMin - 1 {
            #expect(breaker.allows(at: start) && breaker.failed(at: start) == nil)
        }
        #expect(breaker.failed(at: start) == .opened)
        #expect(!breaker.allows(at: start + .milliseconds(999)))
        #expect(breaker.allows(at: start + .seconds(1)))
        // One only.
        #expect(!breaker.allows(at: start + .seconds(1)))
        #expect(breaker.failed(at: start + .seconds(2)) == nil)
        #expect(!breaker.allows(at: start + .milliseconds(3_999)))
        #expect(breaker.allows(at: start + .seconds(4)))
        #expect(breaker.succeeded(at: start + .seconds(4)) == .closed)
        #expect(breaker.allows(at: start + .seconds(4)))
    }

    @Test
    func `The breaker's pause doubles up to its limit`() {
        let breaker = Breaker()
        for _ in 0..<CircuitBreaker.failuresMin { _ = breaker.failed(at: start) }
        var now = start
        for pause in [1, 2, 4, 8, 15, 15] {
            #expect(!breaker.allows(at: now + .seconds(pause) - .milliseconds(1)))
            now = now + .seconds(pause)
            #expect(breaker.allows(at: now))
            _ = breaker.failed(at: now)
        }
    }

    @Test
    func `A low failure rate or failures far apart do not open the breaker`() {
        let breaker = Breaker()
        for _ in 0..<20 { _ = breaker.succeeded(at: start) }
        for _ in 0..<20 { #expect(breaker.failed(at: start) == nil) }
        breaker.value = CircuitBreaker()
        for round in 0..<20 {
            #expect(breaker.failed(at: start + .seconds(6 * round)) == nil)
        }
    }

    @Test
    func `An inconclusive trial lets the next request through`() {
        let breaker = Breaker()
        for _ in 0..<CircuitBreaker.failuresMin { _ = breaker.failed(at: start) }
        let later = start + .seconds(1)
        #expect(breaker.allows(at: later))
        breaker.learnedNothing(at: later)
        #expect(breaker.allows(at: later))
    }

    @Test
    func `The retry budget allows about one retry per ten requests`() {
        var budget = RetryBudget()
        var spent = 0
        while budget.spend() { spent += 1 }
        #expect(spent == Int(RetryBudget.tokensMax))
        for _ in 0..<1_000 {
            budget.earn()
            if budget.spend() { spent += 1 }
        }
        #expect((99...100).contains(spent - Int(RetryBudget.tokensMax)))
    }

    @Test
    func `Retry delays double up to a limit with full jitter and respect Retry-After`() {
        let full = (1...8).map { RetrySchedule.delay(before: $0, chance: 1, retryAfter: nil) }
        #expect(
            full == [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000].map { .milliseconds($0) })
        #expect(RetrySchedule.delay(before: 3, chance: 0, retryAfter: nil) == .zero)
        #expect(RetrySchedule.delay(before: 1, chance: 0, retryAfter: .seconds(9)) == .seconds(9))
        #expect(RetrySchedule.delay(before: 99, chance: 1, retryAfter: nil) == .seconds(5))
    }

    @Test
    func `An attempt's timeout leaves time to find out its outcome`() {
        #expect(RetrySchedule.attempt(remaining: .seconds(15)) == .milliseconds(7_500))
        #expect(RetrySchedule.attempt(remaining: .seconds(60)) == .seconds(10))
        #expect(RetrySchedule.attempt(remaining: .milliseconds(400)) == .milliseconds(300))
        #expect(RetrySchedule.attempt(remaining: .milliseconds(100)) == .milliseconds(100))
        #expect(RetrySchedule.serverSeconds(attempt: .seconds(10)) == 8)
        #expect(RetrySchedule.serverSeconds(attempt: .milliseconds(300)) == 1)
    }

    @Test
    func `Retry-After is seconds or a date, at most a minute`() throws {
        let now = try #require(CivilTime(http: "Mon, 23 Nov 2026 21:06:03 GMT")?.timestamp)
        #expect(RetryAfter.delay("3", now: now) == .seconds(3))
        #expect(RetryAfter.delay("3600", now: now) == .seconds(60))
        #expect(RetryAfter.delay("Mon, 23 Nov 2026 21:06:13 GMT", now: now) == .seconds(10))
        for text in [nil, "", "0", "-1", "soon", "Mon, 23 Nov 2026 21:06:02 GMT"] {
            #expect(RetryAfter.delay(text, now: now) == nil)
        }
    }
}

/// A breaker to be asked inside an expectation, which can't change a value.
private final class Breaker {
    var value = CircuitBreaker()

    func allows(at now: ContinuousClock.Instant) -> Bool { value.allows(at: now) }
    func failed(at now: ContinuousClock.Instant) -> CircuitBreaker.Change? {
        value.failed(at: now)
    }
    func succeeded(at now: ContinuousClock.Instant) -> CircuitBreaker.Change? {
        value.succeeded(at: now)
    }
    func learnedNothing(at now: ContinuousClock.Instant) { value.learnedNothing(at: now) }
}
