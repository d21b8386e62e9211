/// How many failures are free, how long the next try waits, and when only an administrator helps.
package struct LockoutPolicy: Sendable, Equatable {
    /// Failures of an account, or of an account from one network, after which tries must wait.
    package var freeFailures = 5
    /// The same for a network, over all accounts. Failures that a success of the same account
    /// follows do not count.
    package var freeFailuresOfNetwork = 5
    /// The first wait; each failure more doubles it.
    package var firstDelay: Duration = .seconds(1)
    /// The longest wait.
    package var delayMax: Duration = .seconds(900)
    /// Failures in a row after which a credential is disabled until an administrator unlocks it.
    package var disablingFailures = 100

    package init() {}

    /// How long a try waits after so many failures in a row.
    package func delay(after failures: Int) -> Duration {
        delay(after: failures, free: freeFailures)
    }

    /// The same, where another number of failures is free.
    func delay(after failures: Int, free: Int) -> Duration {
        guard failures >= free else { return .zero }
        // 20 doublings of a second are 12 days: past any longest wait, and far from an overflow.
        let delay = firstDelay * (1 << min(failures - free, 20))
        return min(delay, delayMax)
    }

    /// The same, where nothing is disabled for good.
    var withoutEnd: LockoutPolicy {
        var policy = self
        policy.disablingFailures = .max
        return policy
    }
}
