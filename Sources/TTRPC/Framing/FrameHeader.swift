/// The 10 bytes before every frame's data: length u32be, stream id u32be, type u8, flags u8.
package struct FrameHeader: Equatable, Sendable {
    /// Bytes of a header on the wire.
    package static var byteCount: Int { 10 }

    /// Bytes of data that follow.
    package var length: UInt32
    /// Chosen by the client: odd, each greater than the previous one.
    package var streamID: UInt32
    /// What the data is.
    package var type: MessageType
    /// Reserved for streams; unary calls leave it 0, and it is ignored.
    package var flags: UInt8

    package init(length: UInt32, streamID: UInt32, type: MessageType, flags: UInt8 = 0) {
        self.length = length
        self.streamID = streamID
        self.type = type
        self.flags = flags
    }

    /// Reads a header from the first 10 bytes of `bytes`, which must be there.
    package init(reading bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= FrameHeader.byteCount, "no whole frame header")
        length = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        streamID = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        type = MessageType(rawValue: bytes[8])
        flags = bytes[9]
    }

    /// Writes the header to the first 10 bytes of `bytes`, which must be there.
    package func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= FrameHeader.byteCount, "no room for a frame header")
        bytes.storeBytes(of: length.bigEndian, as: UInt32.self)
        bytes.storeBytes(of: streamID.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes[8] = type.rawValue
        bytes[9] = flags
    }
}
