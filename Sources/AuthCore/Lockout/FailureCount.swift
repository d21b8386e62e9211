package import Storage

/// Failures in a row of one credential: the whole state that a wait depends on.
///
/// Time is an argument everywhere, so the rules can be tested without waiting.
package struct FailureCount: Sendable, Equatable {
    /// Attempts that failed, or that were refused unchecked because others were in progress, since
    /// the last success; 0 to `countMax`.
    package private(set) var failures = 0
    /// How many of them were refused unchecked. They lengthen the wait, but never disable anything:
    /// a burst of calls can't do what takes a day of guessing.
    package private(set) var unchecked = 0
    /// When the last of them was; nil without any.
    package private(set) var lastAt: Timestamp?

    /// Counting stops here: everything that matters happens far below, and the number fits an
    /// int32.
    package static let countMax = 1_000_000

    package init() {}

    /// Nil when the three are inconsistent.
    ///
    /// - Parameters:
    ///   - failures: 0 to `countMax`.
    ///   - unchecked: at most `failures`.
    ///   - lastAt: nil exactly when there are no failures.
    package init?(failures: Int, unchecked: Int, lastAt: Timestamp?) {
        guard (0...FailureCount.countMax).contains(failures), (0...failures).contains(unchecked),
            (failures == 0) == (lastAt == nil)
        else { return nil }
        self.failures = failures
        self.unchecked = unchecked
        self.lastAt = lastAt
    }

    /// Failures that were checked: each of them was a guess.
    package var checked: Int { failures - unchecked }

    /// Counts failures.
    ///
    /// - Parameters:
    ///   - checked: how many guesses were wrong.
    ///   - unchecked: how many attempts were refused unchecked.
    ///   - now: the present moment in UTC; one before the last failure means a clock that was set
    ///     back or another daemon's, and moves nothing back, unless the difference is more than an
    ///     hour.
    package mutating func add(checked: Int, unchecked: Int = 0, at now: Timestamp) {
        guard checked + unchecked > 0 else { return }
        let room = FailureCount.countMax - failures
        let checkedNow = min(checked, room)
        let uncheckedNow = min(unchecked, room - checkedNow)
        failures += checkedNow + uncheckedNow
        self.unchecked += uncheckedNow
        guard let lastAt, lastAt > now, lastAt.since(now) < FailureCount.clockErrorMax else {
            self.lastAt = now
            return
        }
    }

    /// Whether so many guesses failed that only an administrator can help.
    package func isDisabled(_ policy: LockoutPolicy) -> Bool {
        checked >= policy.disablingFailures
    }

    /// How long an attempt must wait, or nil if it is allowed now.
    ///
    /// A disabled credential waits as long as possible, no matter how old the failure is. A last
    /// failure in the future means a clock that was set back: the wait is never longer than it
    /// would be right after a failure, and beyond an hour the clock is trusted rather than the row.
    package func wait(at now: Timestamp, _ policy: LockoutPolicy) -> Duration? {
        if isDisabled(policy) { return policy.delayMax }
        let delay = policy.delay(after: failures)
        guard let lastAt, delay > .zero else { return nil }
        return FailureCount.rest(of: delay, since: lastAt, at: now)
    }

    /// When the next attempt is allowed; nil if it is allowed now.
    package func lockedUntil(at now: Timestamp, _ policy: LockoutPolicy) -> Timestamp? {
        if isDisabled(policy) { return EntityLimits.timestamps.upperBound }
        return wait(at: now, policy).map { now.advanced(by: $0) }
    }

    /// The larger of two views of one counter.
    func merged(_ other: FailureCount) -> FailureCount {
        other.failures > failures ? other : self
    }

    /// Whether `other` counts more, so that this one is evicted first.
    func isLighter(than other: FailureCount) -> Bool {
        let none = Timestamp(microseconds: .min)
        return (failures, lastAt ?? none) < (other.failures, other.lastAt ?? none)
    }

    /// What is left of a wait; nil when it is over.
    static func rest(
        of delay: Duration, since lastAt: Timestamp, at now: Timestamp
    ) -> Duration? {
        let elapsed = now.since(lastAt)
        guard elapsed < delay, (elapsed + clockErrorMax) > .zero else { return nil }
        return min(delay, delay - elapsed)
    }

    /// The clocks of daemons on one store differ by less than that.
    static let clockErrorMax: Duration = .seconds(3600)
}
