import AuthCore
import Logging
import Synchronization

/// Logs rows that listings, reads and removals went on without, but not more than some lines at a
/// time: every listing comes across them again.
final class UnreadableRowsLog: Sendable {
    private let logger: Logger
    /// Enough to name all of them where a few are damaged.
    private let limit = Mutex(LineLimit(linesMax: 20, window: .seconds(60)))

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - row: its partition is logged, which stands for the address of an account.
    ///   - now: the present moment.
    func found(_ row: UnreadableRow, now: ContinuousClock.Instant = .now) {
        guard let leftOut = limit.withLock({ $0.admit(now) }) else { return }
        var metadata: Logger.Metadata = [
            "partition": "\(row.partition)", "kind": "\(row.kind.rawValue)",
            "cause": "\(row.reason)",
        ]
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.error("a row of the store can't be read, and was left out", metadata: metadata)
    }
}
