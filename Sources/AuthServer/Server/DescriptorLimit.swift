import Glibc

/// The process's limit on open descriptors: each connection takes one.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one, which is what the operator allows.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
