/// The cost of password hashes and how much hashing goes on at once.
package struct HashSettings: Sendable {
    /// The bcrypt cost of new hashes; the work is 2 to this power.
    package let cost: Int
    /// Hashes that run at once.
    package let threads: Int
    /// Calls that wait for a thread.
    package let queueMax: Int

    /// At 0.2 s a hash (cost 12) the last in the queue waits 3.2 s: callers have not given up yet.
    /// A longer queue would only hash for people who have gone.
    private static let queuePerThread = 16

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        cost = try reader.integer(.bcryptCost)
        threads = try reader.integer(.hashThreads, default: min(host.cores, 256))
        queueMax = try reader.integer(
            .hashQueueMax, default: threads * HashSettings.queuePerThread)
    }
}
