import Logging
import Storage
import Synchronization

/// Logs that failed logins could not be counted in the store, but at most a line every few
/// seconds: guessing at many accounts while the store is down causes one for each.
final class UnsavedFailuresLog: Sendable {
    private static let pause: Duration = .seconds(10)

    private struct State {
        var lastAt: ContinuousClock.Instant?
        var leftOut = 0
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - userID: whose failures they are; nothing else about the user appears in the line. Nil
    ///     for a user of the old application who could not be moved.
    ///   - error: why.
    ///   - now: the present moment.
    func failed(_ userID: String?, _ error: StoreError, now: ContinuousClock.Instant = .now) {
        guard let leftOut = admit(now) else { return }
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

    /// How many lines were left out before this one; nil when this one is left out too.
    private func admit(_ now: ContinuousClock.Instant) -> Int? {
        state.withLock { state in
            if let lastAt = state.lastAt, now - lastAt < UnsavedFailuresLog.pause {
                state.leftOut += 1
                return nil
            }
            state.lastAt = now
            defer { state.leftOut = 0 }
            return state.leftOut
        }
    }
}
