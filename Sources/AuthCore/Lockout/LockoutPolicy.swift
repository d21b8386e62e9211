/// How many failures are free, how long the next attempt waits, and when only an administrator can
/// help.
package struct LockoutPolicy: Sendable, Equatable {
    /// Failures of an account, or of an account from one network, after which attempts must wait.
    package var freeFailures = 5
    /// The same for a network, over all accounts. Failures followed by a success of the same
    /// account do not count.
    package var freeFailuresOfNetwork = 5
    /// The first wait; each further failure doubles it.
    package var firstDelay: Duration = .seconds(1)
    /// The longest wait.
    package var delayMax: Duration = .seconds(900)
    /// Failures in a row after which a credential is disabled until an administrator unlocks it.
    package var disablingFailures = 100

    package init() {}

    /// How long an attempt waits after so many failures in a row.
    package func delay(after failures: Int) -> Duration {
        delay(after: failures, free: freeFailures)
    }

    /// The same, with another number of free failures.
    func delay(after failures: Int, free: Int) -> Duration {
        guard failures >= free else { return .zero }
        // 20 doublings of a second are 12 days: longer than any maximum wait, and far from an
        // overflow.
        let delay = firstDelay * (1 << min(failures - free, 20))
        return min(delay, delayMax)
    }

    /// The same, but nothing is disabled permanently.
    var withoutEnd: LockoutPolicy {
        var policy = self
        policy.disablingFailures = .max
        return policy
    }
}
