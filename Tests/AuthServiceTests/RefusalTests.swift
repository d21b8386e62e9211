import AuthMessages
import AuthService
import Bytes
import ProtobufCodec
import TTRPC
import Testing

/// What callers are told when the protocol refuses a call, before any service is asked.
struct RefusalTests {
    private static let reasons: [(RPCRefusal, String)] = [
        (.unknownService("\"x\""), "METHOD_UNKNOWN"),
        (.unknownMethod("\"x\"", service: "y"), "METHOD_UNKNOWN"),
        (.invalidEnvelope(.malformed), "ARGUMENT_INVALID"),
        (.evenStreamID, "STREAM_ID_INVALID"),
        (.reusedStreamID, "STREAM_ID_INVALID"),
        (.requestTooLarge(byteCount: 2, byteCountMax: 1), "REQUEST_TOO_LARGE"),
        (.deadlineExceeded, "DEADLINE_EXCEEDED"),
        (.connectionClosed, "CANCELLED"),
        (.shuttingDown, "SHUTTING_DOWN"),
        (.answerTooLarge, "INTERNAL"),
    ]

    private func info(_ details: [StatusDetail]) throws -> ErrorInfo {
        let detail = try #require(details.first { $0.typeURL == ErrorInfo.typeURL })
        return try ErrorInfo(decoding: SecretBytes(detail.value))
    }

    @Test(arguments: reasons)
    func `Every refusal has a reason of the domain authd`(
        refusal: RPCRefusal, reason: String
    ) throws {
        let info = try info(AuthServices.details(of: refusal))
        #expect(info.reason == reason)
        #expect(info.domain == "authd")
    }

    @Test
    func `The refusal of a request that is too large states the limit`() throws {
        let details = AuthServices.details(
            of: .requestTooLarge(byteCount: 70_000, byteCountMax: 65_536))
        let metadata = try info(details).metadata.map { [$0.key, $0.value] }
        #expect(metadata == [["limit_bytes", "65536"]])
    }

    @Test
    func `Only a refusal during shutdown says when to retry`() throws {
        for (refusal, _) in RefusalTests.reasons {
            let details = AuthServices.details(of: refusal)
            #expect(
                details.contains { $0.typeURL == RetryInfo.typeURL } == (refusal == .shuttingDown))
        }
    }
}
