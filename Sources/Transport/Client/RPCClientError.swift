package import TTRPC

/// Why a call gave no answer.
package enum RPCClientError: Error, Equatable {
    /// The server answered with an error.
    case refused(RPCError)
    /// No connection could be made; says why. Nothing was sent.
    case unreachable(String)
    /// TLS negotiation failed, and trying again won't help; says why and what to do. The server did
    /// not act.
    case untrusted(String)
    /// The connection was lost before the request was completely sent, so the server can't have
    /// acted on it. Safe to try again.
    case notSent
    /// The connection was lost after the request was sent: the server may or may not have acted.
    case connectionLost
    /// The call's time limit expired here; the server may or may not have acted.
    case deadlineExceeded
    /// The calling task was cancelled; the server may or may not have acted.
    case cancelled
    /// The request is larger than `RPCClientLimits.requestBytesMax`.
    case requestTooLarge
    /// Too many calls are waiting.
    case tooManyCalls
    /// The answer can't be decoded.
    case invalidAnswer
    /// The client was closed.
    case closed
}
