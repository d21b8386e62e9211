import Logging
import Synchronization
import Transport

/// Logs TLS handshakes that failed, but not more than a few lines at a time: strangers cause them.
final class HandshakeLog: Sendable {
    /// Enough to see who has which problem; a port scan adds at most a line a second.
    private static let linesMax = 10
    private static let windowSeconds: Int64 = 10

    private struct State {
        var windowStart: ContinuousClock.Instant?
        var lineCount = 0
        var leftOut = 0
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - address: the caller's.
    ///   - error: what went wrong.
    ///   - now: the present moment.
    func failed(
        _ address: String, _ error: TLSError, now: ContinuousClock.Instant = .now
    ) {
        guard let leftOut = admit(now) else { return }
        var metadata: Logger.Metadata = ["peer": "\(address)", "cause": "\(error)"]
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.notice("TLS handshake failed", metadata: metadata)
    }

    /// How many lines were left out before this one; nil when this one is left out too.
    private func admit(_ now: ContinuousClock.Instant) -> Int? {
        state.withLock { state in
            let window = Duration.seconds(HandshakeLog.windowSeconds)
            if state.windowStart.map({ now - $0 >= window }) ?? true {
                state.windowStart = now
                state.lineCount = 0
            }
            guard state.lineCount < HandshakeLog.linesMax else {
                state.leftOut += 1
                return nil
            }
            state.lineCount += 1
            defer { state.leftOut = 0 }
            return state.leftOut
        }
    }
}
