/// What a writer holds and how long it waits.
package struct AuditWriterLimits: Sendable {
    /// Events waiting to be written: half a second of a busy daemon, some 4 MiB.
    package var waitingMax = 8192
    /// Events that are written and synced at once.
    package var batchMax = 256
    /// How long from a write to the next, unless somebody waits for an event: 100 syncs a second.
    package var pauseMilliseconds = 10
    /// How long after a failure until the next attempt.
    package var retryMilliseconds = 1000
    /// A write that takes longer counts as hung.
    package var hungMilliseconds = 2000
    /// How long `written(_:)` waits for its event.
    package var writtenMilliseconds = 5000

    package init() {}
}
