/// Why a call gave no answer.
public enum AuthClientError: Error, Sendable {
    /// The daemon refused the call.
    case refused(Refusal)
    /// No connection could be made. Nothing was sent. The text says why.
    case unreachable(String)
    /// TLS can't be set up or agreed on, and trying again won't help. The daemon did not act. The
    /// text says why, and what to do.
    case untrusted(String)
    /// The connection was lost during the call. If `outcomeUnknown`, the daemon may have
    /// acted on it.
    case connectionLost(outcomeUnknown: Bool)
    /// The call's time limit expired here. The daemon may have acted on it.
    case timeout
    /// The calling task was cancelled. The daemon may have acted on the call.
    case cancelled
    /// The request can't be sent: it is too large, or a text in it holds a NUL character.
    case unsendable(String)
    /// The daemon's answer can't be understood.
    case protocolViolation(String)

    /// What the daemon said.
    public struct Refusal: Sendable, Equatable {
        /// The gRPC code, 1 to 16.
        public let code: Int
        /// The name of the code, such as `UNAUTHENTICATED`.
        public let codeName: String
        /// Such as `INVALID_CREDENTIALS`; empty when the daemon gave none.
        public let reason: String
        /// For a developer, in English.
        public let message: String
        /// More for programs, such as `rules` of PASSWORD_TOO_WEAK.
        public let metadata: [String: String]
        /// How long to wait before trying again, where that may help.
        public let retryAfter: Duration?
    }
}
