import Logging
import Synchronization

/// Logs calls that failed for no fault of the caller's, but not more than a few lines at a time:
/// while the store is down, every call is one.
final class FaultLog: Sendable {
    /// Enough to see the causes.
    private static let linesMax = 5
    private static let window: Duration = .seconds(10)

    private let logger: Logger
    /// For each method, so that one which always fails does not hide what is wrong with another.
    private let limits = Mutex<[String: LineLimit]>([:])

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - method: one of ours, as it is called in the audit log.
    ///   - cause: for the operator.
    ///   - now: the present moment.
    func failed(_ method: String, _ cause: String, now: ContinuousClock.Instant = .now) {
        let leftOut = limits.withLock { limits in
            limits[
                method, default: LineLimit(linesMax: FaultLog.linesMax, window: FaultLog.window)
            ].admit(now)
        }
        guard let leftOut else { return }
        var metadata: Logger.Metadata = ["cause": "\(cause)"]
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.error("\(method) failed", metadata: metadata)
    }
}
