import Storage

/// The failures from one network, over all accounts.
///
/// A success does not clear them, or anyone with an account could guess at all others forever: they
/// drain away, one per longest wait. Failures followed by the same account's success
/// are taken back, so that a large office with one address is not stopped by typing errors.
struct NetworkFailures: Sendable {
    private var level: Double
    private(set) var lastAt: Timestamp

    /// The first failure.
    init(at now: Timestamp) {
        level = 1
        lastAt = now
    }

    /// How many there are, to the nearest whole number.
    func failures(at now: Timestamp, _ policy: LockoutPolicy) -> Int {
        Int(min(drained(at: now, policy), Double(FailureCount.countMax)).rounded())
    }

    /// How long an attempt must wait, or nil if it is allowed now.
    func wait(at now: Timestamp, _ policy: LockoutPolicy) -> Duration? {
        let delay = policy.delay(
            after: failures(at: now, policy), free: policy.freeFailuresOfNetwork)
        return FailureCount.rest(of: delay, since: lastAt, at: now)
    }

    /// Counts one more.
    mutating func add(at now: Timestamp, _ policy: LockoutPolicy) {
        level = drained(at: now, policy) + 1
        lastAt = now
    }

    /// Takes back failures.
    mutating func forgive(_ failures: Int) {
        level = max(0, level - Double(failures))
    }

    /// Whether `other` counts more, so that this one is evicted first.
    func isLighter(than other: NetworkFailures) -> Bool {
        (level, lastAt) < (other.level, other.lastAt)
    }

    private func drained(at now: Timestamp, _ policy: LockoutPolicy) -> Double {
        max(0, level - max(0, now.since(lastAt) / policy.delayMax))
    }
}
