import Logging
import Synchronization
import Transport

/// Logs TLS handshakes that failed, but not more than a few lines at a time: strangers cause them.
final class HandshakeLog: Sendable {
    private let logger: Logger
    /// Enough to see who has which problem; a port scan adds at most a line a second.
    private let allowance = Mutex(LineAllowance(linesMax: 10, window: .seconds(10)))

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
        guard let leftOut = allowance.withLock({ $0.admit(now) }) else { return }
        var metadata: Logger.Metadata = ["peer": "\(address)", "cause": "\(error)"]
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.notice("TLS handshake failed", metadata: metadata)
    }
}
