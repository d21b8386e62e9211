/// Why the protocol refuses a call before, or instead of, its handler's answer.
///
/// Services have their own reasons; these are the same for all of them. What a program reads about
/// a refusal, the details of its status, is added by the `Router`'s owner (see `Router.error(_:)`),
/// because this target knows no service's messages.
package enum RPCRefusal: Equatable, Sendable {
    /// The server has no service of that name. Printable, at most 100 bytes and quotes.
    case unknownService(String)
    /// The service has no method of that name. Both printable.
    case unknownMethod(String, service: String)
    /// The request's envelope violates the protocol.
    case invalidEnvelope(EnvelopeError)
    /// The stream id is even: those belong to the server.
    case evenStreamID
    /// The stream id is not greater than all previous ones.
    case reusedStreamID
    /// The request is longer than the server's limit.
    case requestTooLarge(byteCount: Int, byteCountMax: Int)
    /// The caller's deadline passed before there was an answer.
    case deadlineExceeded
    /// The connection was closed before there was an answer.
    case connectionClosed
    /// The server is stopping and accepts no new calls.
    case shuttingDown
    /// The handler's answer does not fit a frame.
    case answerTooLarge

    /// The gRPC code of the answer.
    package var code: RPCCode {
        switch self {
        case .unknownService, .unknownMethod: .unimplemented
        case .invalidEnvelope, .evenStreamID, .reusedStreamID: .invalidArgument
        case .requestTooLarge: .resourceExhausted
        case .deadlineExceeded: .deadlineExceeded
        case .connectionClosed: .cancelled
        case .shuttingDown: .unavailable
        case .answerTooLarge: .internal
        }
    }

    /// For developers. Those about stream ids have the wording of Go's server.
    package var message: String {
        switch self {
        case .unknownService(let service):
            "unknown service \(service)"
        case .unknownMethod(let method, let service):
            "unknown method \(method) of service \(service)"
        case .invalidEnvelope(let error):
            error.message
        case .evenStreamID:
            "StreamID must be odd for client initiated streams"
        case .reusedStreamID:
            "StreamID cannot be re-used and must increment"
        case .requestTooLarge(let byteCount, let byteCountMax):
            "the request has \(byteCount) bytes, the limit is \(byteCountMax)"
        case .deadlineExceeded:
            "the caller's deadline has passed"
        case .connectionClosed:
            "the connection was closed"
        case .shuttingDown:
            "the server is shutting down"
        case .answerTooLarge:
            "the answer is too large"
        }
    }
}
