/// The cost of password hashes and how much is hashed at once.
package struct HashSettings: Sendable {
    /// What AUTHD_BCRYPT_COST may be.
    package static let costs = 4...16
    /// The lowest cost that is not only for tests: hashes with a lower one are cheap to guess.
    package static let costAdvisedMin = 10

    /// The bcrypt cost of new hashes; the work is 2 to this power.
    package let cost: Int
    /// Cores that hash at once.
    package let threads: Int
    /// Calls that may wait for a thread.
    package let queueMax: Int

    /// Four hashes side by side take 0.3 s (cost 12), so the last in the queue waits 1.2 s, and
    /// 3.2 s if only libxcrypt hashes: callers have not given up by then. A longer queue would only
    /// hash for people who have gone.
    private static let queuePerThread = 16

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        cost = try reader.integer(.bcryptCost)
        threads = try reader.integer(.hashThreads, default: min(host.cores, 256))
        queueMax = try reader.integer(
            .hashQueueMax, default: threads * HashSettings.queuePerThread)
    }
}
