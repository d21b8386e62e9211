/// Writes complete frames: header and envelope at once, into memory that the caller has reserved.
package enum FrameEncoder {
    /// Bytes of the frame that answers with `payloadCount` bytes of payload.
    package static func responseByteCount(payloadCount: Int) -> Int {
        FrameHeader.byteCount + ResponseEnvelope.byteCount(payloadCount: payloadCount)
    }

    /// Writes the frame of a successful answer.
    ///
    /// - Parameters:
    ///   - payload: the encoded message.
    ///   - streamID: the request's.
    ///   - bytes: exactly `responseByteCount(payloadCount:)` bytes of room.
    package static func writeResponse(
        _ payload: UnsafeRawBufferPointer, streamID: UInt32,
        to bytes: UnsafeMutableRawBufferPointer
    ) {
        FrameHeader(
            length: UInt32(bytes.count - FrameHeader.byteCount), streamID: streamID,
            type: .response
        ).write(to: bytes)
        var writer = WireWriter(bytes, from: FrameHeader.byteCount)
        ResponseEnvelope.write(payload: payload, to: &writer)
        writer.finish()
    }

    /// Bytes of the frame that answers with `status`.
    package static func responseByteCount(status: RPCStatus) -> Int {
        FrameHeader.byteCount + ResponseEnvelope.byteCount(status: status)
    }

    /// Writes the frame of a failed call; `bytes` is exactly `responseByteCount(status:)` long.
    package static func writeResponse(
        _ status: RPCStatus, streamID: UInt32, to bytes: UnsafeMutableRawBufferPointer
    ) {
        FrameHeader(
            length: UInt32(bytes.count - FrameHeader.byteCount), streamID: streamID,
            type: .response
        ).write(to: bytes)
        var writer = WireWriter(bytes, from: FrameHeader.byteCount)
        ResponseEnvelope.write(status: status, to: &writer)
        writer.finish()
    }

    /// Bytes of the frame for `request`.
    package static func requestByteCount(_ request: OutgoingRequest) -> Int {
        FrameHeader.byteCount + request.byteCount
    }

    /// Writes the frame of a request; `bytes` is exactly `requestByteCount(_:)` long.
    package static func writeRequest(
        _ request: OutgoingRequest, streamID: UInt32, to bytes: UnsafeMutableRawBufferPointer
    ) {
        FrameHeader(
            length: UInt32(bytes.count - FrameHeader.byteCount), streamID: streamID, type: .request
        ).write(to: bytes)
        var writer = WireWriter(bytes, from: FrameHeader.byteCount)
        request.write(to: &writer)
        writer.finish()
    }
}
