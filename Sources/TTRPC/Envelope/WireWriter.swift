/// Writes the protobuf wire format into a buffer whose size was computed before.
struct WireWriter {
    private let room: UnsafeMutableRawBufferPointer
    private var offset: Int

    init(_ room: UnsafeMutableRawBufferPointer, from offset: Int = 0) {
        self.room = room
        self.offset = offset
    }

    static func varintByteCount(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// Bytes of a field with a number below 16; empty fields are not written.
    static func bytesFieldByteCount(_ count: Int) -> Int {
        count == 0 ? 0 : 1 + varintByteCount(UInt64(count)) + count
    }

    /// Bytes of a field with a number below 16; zeros are not written.
    static func varintFieldByteCount(_ value: UInt64) -> Int {
        value == 0 ? 0 : 1 + varintByteCount(value)
    }

    mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            room[offset] = UInt8(truncatingIfNeeded: value) | 0x80
            offset += 1
            value >>= 7
        }
        room[offset] = UInt8(value)
        offset += 1
    }

    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[offset..<offset + bytes.count])
            .copyMemory(from: bytes)
        offset += bytes.count
    }

    mutating func bytesField(_ number: UInt8, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        messageField(number, byteCount: bytes.count)
        raw(bytes)
    }

    mutating func textField(_ number: UInt8, _ text: String) {
        var text = text
        text.withUTF8 { bytesField(number, UnsafeRawBufferPointer($0)) }
    }

    mutating func varintField(_ number: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        varint(UInt64(number) << 3)
        varint(value)
    }

    /// The header of a field whose `byteCount` bytes are written next.
    mutating func messageField(_ number: UInt8, byteCount: Int) {
        varint(UInt64(number) << 3 | 2)
        varint(UInt64(byteCount))
    }

    /// Proves that the computed size was right: a gap would send old memory to the peer.
    func finish() {
        precondition(offset == room.count, "an envelope's size was computed wrong")
    }
}
