import Bytes
import TTRPC

/// A frame as it is on the wire.
struct RawFrame: Sendable {
    let header: FrameHeader
    let data: [UInt8]

    /// The error of an answer; nil for a success.
    func refusal() throws -> RPCError? {
        try data.withUnsafeBytes { data in
            try ResponseEnvelope(decoding: data).status.map { RPCError(status: $0) }
        }
    }

    static func bytes(
        length: Int, streamID: UInt32, type: MessageType = .request, data: [UInt8] = []
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes {
            FrameHeader(length: UInt32(length), streamID: streamID, type: type).write(to: $0)
        }
        return bytes + data
    }

    /// A frame around `data`, whatever that is.
    static func bytes(streamID: UInt32, data: [UInt8]) -> [UInt8] {
        bytes(length: data.count, streamID: streamID, data: data)
    }

    static func request(
        _ method: String, _ payload: SecretBytes, streamID: UInt32,
        service: String = "authd.v1.AuthService", timeout: Duration = .zero,
        metadata: [MetadataPair] = []
    ) -> [UInt8] {
        let (seconds, attoseconds) = timeout.components
        let request = OutgoingRequest(
            service: service, method: method, payload: payload,
            timeoutNanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000,
            metadata: metadata)
        var bytes = [UInt8](repeating: 0, count: FrameEncoder.requestByteCount(request))
        bytes.withUnsafeMutableBytes {
            FrameEncoder.writeRequest(request, streamID: streamID, to: $0)
        }
        return bytes
    }

    /// A call of Health.
    static func health(streamID: UInt32) -> [UInt8] {
        request("Check", SecretBytes(), streamID: streamID, service: "grpc.health.v1.Health")
    }
}
