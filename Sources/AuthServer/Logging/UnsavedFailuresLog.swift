import Logging
import Storage
import Synchronization

/// Logs that failed logins could not be counted in the store, but at most a line every few
/// seconds: guessing at many accounts while the store is down causes one for each.
final class UnsavedFailuresLog: Sendable {
    private let logger: Logger
    private let limit = Mutex(LineLimit(linesMax: 1, window: .seconds(10)))

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - userID: whose failures they are; nothing else about the user appears in the line.
    ///   - error: why.
    ///   - now: the present moment.
    func failed(_ userID: String?, _ error: StoreError, now: ContinuousClock.Instant = .now) {
        guard let leftOut = limit.withLock({ $0.admit(now) }) else { return }
        var metadata: Logger.Metadata = ["cause": "\(UnsavedFailuresLog.text(error))"]
        if let userID { metadata["user_id"] = "\(userID)" }
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.warning(
            "failed logins are counted only in memory until the store accepts them",
            metadata: metadata)
    }

    /// The text about a damaged row names the row, which names the address.
    private static func text(_ error: StoreError) -> String {
        if case .corrupt = error { return "the account's row can't be read" }
        return error.text
    }
}
