package import TTRPC

/// Why a call gave no answer.
package enum RPCClientError: Error, Equatable {
    /// The server answered with an error.
    case refused(RPCError)
    /// No connection could be made; says why. Nothing was sent.
    case unreachable(String)
    /// TLS can't be agreed on, and trying again won't help; says why and what to do. The server did
    /// not act.
    case untrusted(String)
    /// The connection went before the request had gone out whole, so the server can't have acted on
    /// it. Safe to try again.
    case notSent
    /// The connection went after the request had gone out: the server may or may not have acted.
    case connectionLost
    /// The call's time limit passed, here; the server may or may not have acted.
    case deadlineExceeded
    /// The calling task was cancelled; the server may or may not have acted.
    case cancelled
    /// The request is over `RPCClientLimits.requestBytesMax`.
    case requestTooLarge
    /// As many calls wait as may.
    case tooManyCalls
    /// The answer can't be decoded.
    case invalidAnswer
    /// The client was closed.
    case closed
}
