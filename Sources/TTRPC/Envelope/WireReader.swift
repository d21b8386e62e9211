/// Reads the protobuf wire format, strictly, in place.
///
/// Numbers have at most 10 bytes and 64 bits, tags 32 bits and a field number greater than 0,
/// lengths end inside the message; groups (deprecated since proto2) are refused.
struct WireReader {
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    private let message: UnsafeRawBufferPointer
    private var offset = 0

    init(_ message: UnsafeRawBufferPointer) {
        self.message = message
    }

    var isAtEnd: Bool { offset == message.count }

    @inline(__always)
    mutating func field() throws(EnvelopeError) -> (number: UInt32, type: WireType) {
        let tag = try varint()
        guard let tag = UInt32(exactly: tag), tag >= 8,
            let type = WireType(rawValue: UInt8(tag & 7))
        else { throw .malformed }
        return (tag >> 3, type)
    }

    @inline(__always)
    mutating func varint() throws(EnvelopeError) -> UInt64 {
        guard offset < message.count else { throw .malformed }
        let first = message[offset]
        if first < 0x80 {
            offset += 1
            return UInt64(first)
        }
        return try longVarint()
    }

    @inline(__always)
    mutating func bytes(_ type: WireType) throws(EnvelopeError) -> UnsafeRawBufferPointer {
        guard type == .bytes else { throw .malformed }
        let count = try varint()
        guard count <= UInt64(message.count - offset) else { throw .malformed }
        let start = offset
        offset += Int(count)
        return UnsafeRawBufferPointer(rebasing: message[start..<offset])
    }

    mutating func number(_ type: WireType) throws(EnvelopeError) -> UInt64 {
        guard type == .varint else { throw .malformed }
        return try varint()
    }

    mutating func skip(_ type: WireType) throws(EnvelopeError) {
        switch type {
        case .varint: _ = try varint()
        case .bytes: _ = try bytes(type)
        case .fixed64: try skipFixed(8)
        case .fixed32: try skipFixed(4)
        }
    }

    private mutating func skipFixed(_ count: Int) throws(EnvelopeError) {
        guard count <= message.count - offset else { throw .malformed }
        offset += count
    }

    private mutating func longVarint() throws(EnvelopeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < message.count {
            let byte = message[offset]
            offset += 1
            // The tenth byte holds the 64th bit and nothing else.
            guard shift < 63 || byte <= 1 else { throw .malformed }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed
    }
}
