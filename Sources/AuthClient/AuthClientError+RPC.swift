import AuthMessages
import ProtobufCodec
import TTRPC
import Transport

extension AuthClientError {
    init(_ error: RPCClientError) {
        switch error {
        case .refused(let refusal): self = .refused(Refusal(refusal))
        case .unreachable(let text): self = .unreachable(text)
        case .untrusted(let text): self = .untrusted(text)
        case .notSent: self = .connectionLost(outcomeUnknown: false)
        case .connectionLost: self = .connectionLost(outcomeUnknown: true)
        case .deadlineExceeded: self = .timeout
        case .cancelled: self = .cancelled
        case .requestTooLarge: self = .unsendable("the request is too large")
        case .tooManyCalls: self = .unsendable("too many calls are already waiting")
        case .invalidAnswer: self = .protocolViolation("the answer can't be decoded")
        case .closed: self = .unreachable("the client was closed")
        }
    }
}

extension AuthClientError.Refusal {
    init(_ error: RPCError) {
        var reason = ""
        var metadata: [String: String] = [:]
        var retryAfter: Duration?
        for detail in error.details {
            detail.value.withUnsafeBytes { value in
                if detail.typeURL == ErrorInfo.typeURL, let info = try? ErrorInfo(decoding: value) {
                    reason = info.reason
                    for entry in info.metadata { metadata[entry.key] = entry.value }
                } else if detail.typeURL == RetryInfo.typeURL,
                    let info = try? RetryInfo(decoding: value)
                {
                    retryAfter = info.retryDelay?.duration
                }
            }
        }
        self.init(
            code: Int(error.code.rawValue), codeName: error.code.name, reason: reason,
            message: error.message, metadata: metadata, retryAfter: retryAfter)
    }
}
