import AuthMessages
package import TTRPC

extension AuthServices {
    /// What a program is told about a call that the protocol refuses: for the router, so that every
    /// error has a reason, wherever it comes from.
    package static func details(of refusal: RPCRefusal) -> [StatusDetail] {
        let reason = ErrorReason(refusal)
        return switch refusal {
        case .requestTooLarge(_, let byteCountMax):
            StatusDetail.explaining(reason, metadata: [("limit_bytes", "\(byteCountMax)")])
        case .shuttingDown:
            // About the duration of a restart.
            StatusDetail.explaining(reason, retryAfter: .seconds(1))
        default:
            StatusDetail.explaining(reason)
        }
    }
}

extension ErrorReason {
    /// The reason of a call that the protocol refuses.
    init(_ refusal: RPCRefusal) {
        self =
            switch refusal {
            case .unknownService, .unknownMethod: .methodUnknown
            case .invalidEnvelope: .argumentInvalid
            case .evenStreamID, .reusedStreamID: .streamIDInvalid
            case .requestTooLarge: .requestTooLarge
            case .deadlineExceeded: .deadlineExceeded
            case .connectionClosed: .cancelled
            case .shuttingDown: .shuttingDown
            case .answerTooLarge: .internalFault
            }
    }
}
