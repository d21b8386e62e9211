/// What an embedded store may use. The defaults suit a daemon; tests narrow them.
package struct SQLiteStoreOptions: Sendable {
    /// Connections that read, each with its own thread while it is busy: more than one, so that a
    /// page of a scan does not hold up every point read.
    package var readers = 2
    /// Reads in progress or waiting; more throw `.unavailable`. About 50 ms of point reads.
    package var readsMax = 4_096
    /// Transactions waiting for the writer; more throw `.unavailable`. A few tens of syncs.
    package var waitingTransactionsMax = 4_096
    /// Bytes of all waiting transactions, because they are held in memory.
    package var waitingBytesMax = 16 * 1_024 * 1_024
    /// Transactions of one commit: the later ones of a larger batch would wait for the work of all
    /// before them, long after the shared sync has paid off.
    package var batchTransactionsMax = 256
    /// Milliseconds to wait for another process's lock before the batch is refused: longer than a
    /// checkpoint takes, shorter than a caller's patience.
    package var lockMillisecondsMax = 5_000
    /// How long after the last write the log is emptied, and with it the last trace of what was
    /// deleted or replaced.
    package var logTruncationDelay = Duration.seconds(5)
    /// How long after a write the log is emptied at the latest, while others go on: a store that is
    /// never idle must forget, too.
    package var logAgeMax = Duration.seconds(60)
    /// Bytes that the database file may grow to; nil for no limit. Whole pages.
    package var fileBytesMax: Int?

    package init() {}
}
