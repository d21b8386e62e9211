package import AuthCore
package import Storage

/// What administrators may ask of the daemon itself, besides its accounts.
package protocol DaemonOperations: Sendable {
    /// The daemon's current statistics.
    var statistics: DaemonStatistics { get }

    /// The same and more in Prometheus text format.
    var metrics: String { get }

    /// Copies the store, as it is at this moment, to a new file in the backup directory.
    ///
    /// - Parameter name: of the file: 1 to 100 letters, digits, `.`, `_` and `-`, a letter or digit
    ///   first; checked before.
    /// - Returns: the path of the copy.
    /// - Throws: `.backupFailed` saying why, `.overloaded` while another one runs.
    func backUp(name: String) async throws(AuthError) -> String
}

/// Statistics of the daemon and its store.
package struct DaemonStatistics: Sendable {
    /// Release of the daemon.
    package var version: String
    package var startedAt: Timestamp
    /// `sqlite`, `azure` or `memory`.
    package var store: String
    /// Open now.
    package var connections: Int
    /// Calls of known methods since the start.
    package var requests: UInt64
    /// Hashes now waiting for a thread.
    package var hashQueueDepth: Int
    package var hashThreads: Int

    package init(
        version: String, startedAt: Timestamp, store: String, connections: Int, requests: UInt64,
        hashQueueDepth: Int, hashThreads: Int
    ) {
        self.version = version
        self.startedAt = startedAt
        self.store = store
        self.connections = connections
        self.requests = requests
        self.hashQueueDepth = hashQueueDepth
        self.hashThreads = hashThreads
    }
}
