package import AuthCore

extension LockoutPolicy {
    /// For tests that fail more often than a user may.
    package static var lenient: LockoutPolicy {
        var policy = LockoutPolicy()
        policy.freeFailures = 1000
        policy.freeFailuresOfNetwork = 1000
        policy.disablingFailures = 1000
        return policy
    }
}
