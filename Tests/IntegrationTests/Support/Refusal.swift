import AuthMessages
import Bytes
import ProtobufCodec
import TTRPC
import Transport

extension RPCError {
    /// The ErrorInfo's reason.
    var reason: ErrorReason? {
        let detail: ErrorInfo? = details.first { $0.typeURL == ErrorInfo.typeURL }.flatMap {
            try? ErrorInfo(decoding: SecretBytes($0.value))
        }
        return detail.flatMap { ErrorReason(rawValue: $0.reason) }
    }

    /// The RetryInfo's delay.
    var retryDelay: Duration? {
        let detail: RetryInfo? = details.first { $0.typeURL == RetryInfo.typeURL }.flatMap {
            try? RetryInfo(decoding: SecretBytes($0.value))
        }
        return detail?.retryDelay?.duration
    }
}

extension RPCClientError {
    /// The reason, when the server refused.
    var reason: ErrorReason? {
        guard case .refused(let error) = self else { return nil }
        return error.reason
    }

    /// Whether it is an answer of the server, and not a lost connection.
    var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}

/// The reason for which the server refuses `body`; anything else but a refusal fails the test.
func reason<Value: Sendable>(_ body: () async throws -> Value) async throws -> ErrorReason? {
    switch try await outcome(body) {
    case .success: throw TestFailure("the call was not refused")
    case .failure(let refusal): return refusal.reason
    }
}

/// The answer or the refusal; a lost connection fails the test.
func outcome<Value: Sendable>(
    _ body: () async throws -> Value
) async throws -> Result<Value, RPCError> {
    do {
        return .success(try await body())
    } catch RPCClientError.refused(let refusal) {
        return .failure(refusal)
    }
}
