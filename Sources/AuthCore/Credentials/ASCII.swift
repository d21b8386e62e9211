/// What credentials need to know about ASCII, byte by byte and without a `String`.
enum ASCII {
    /// `byte` in lower case if it is an ASCII letter, else unchanged.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether all `bytes` are ASCII.
    static func isAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { $0 < 0x80 }
    }
}
