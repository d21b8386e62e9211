import Bytes
@testable import TTRPC

/// Frames and envelopes as a client makes them, and readings of what comes back.
enum WireBuilder {
    static func frame(
        _ data: [UInt8], id: UInt32, type: MessageType = .request, length: UInt32? = nil
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes {
            FrameHeader(length: length ?? UInt32(data.count), streamID: id, type: type)
                .write(to: $0)
        }
        return bytes + data
    }

    static func encode(_ request: OutgoingRequest) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameEncoder.requestByteCount(request))
        bytes.withUnsafeMutableBytes {
            FrameEncoder.writeRequest(request, streamID: 1, to: $0)
        }
        return Array(bytes.dropFirst(FrameHeader.byteCount))
    }

    static func encode(_ status: RPCStatus) -> [UInt8] {
        var bytes = [UInt8](
            repeating: 0, count: FrameEncoder.responseByteCount(status: status))
        bytes.withUnsafeMutableBytes {
            FrameEncoder.writeResponse(status, streamID: 1, to: $0)
        }
        return Array(bytes.dropFirst(FrameHeader.byteCount))
    }

    static func encode(payload: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](
            repeating: 0, count: FrameEncoder.responseByteCount(payloadCount: payload.count))
        bytes.withUnsafeMutableBytes { room in
            payload.withUnsafeBytes {
                FrameEncoder.writeResponse($0, streamID: 1, to: room)
            }
        }
        return Array(bytes.dropFirst(FrameHeader.byteCount))
    }
}

/// What a decoder said, in values that can be compared.
enum DecodedEvent: Equatable {
    case frame(id: UInt32, type: UInt8, data: [UInt8])
    case tooLarge(id: UInt32, length: UInt32)
    case violation(length: UInt32)

    /// Feeds the chunks, each from memory of its own that is spoiled afterwards.
    static func decode(
        _ chunks: [ArraySlice<UInt8>], with decoder: inout FrameDecoder
    ) -> [DecodedEvent] {
        var events: [DecodedEvent] = []
        for chunk in chunks {
            var copy = Array(chunk)
            copy.withUnsafeMutableBytes { memory in
                var rest = UnsafeRawBufferPointer(memory)
                loop: while true {
                    switch decoder.next(&rest) {
                    case .needMore: break loop
                    case .frame(let header, let data):
                        events.append(
                            .frame(
                                id: header.streamID, type: header.type.rawValue,
                                data: Array(data)))
                    case .tooLarge(let header):
                        events.append(.tooLarge(id: header.streamID, length: header.length))
                    case .violation(let header):
                        events.append(.violation(length: header.length))
                        break loop
                    }
                }
                wipe(memory)
            }
        }
        return events
    }
}
