/// Base32 (RFC 4648 §6): upper case, without padding when written, as TOTP secrets are shown.
package enum Base32 {
    static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let lowercaseDigits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// The text of `bytes` in lower case, without padding.
    package static func encodeLowercased(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 8 + 4) / 5) { text in
            var written = 0
            var bits: UInt32 = 0
            var bitCount: UInt32 = 0
            for byte in bytes {
                bits = bits << 8 | UInt32(byte)
                bitCount += 8
                while bitCount >= 5 {
                    bitCount -= 5
                    text[written] = lowercaseDigits[Int(bits >> bitCount & 31)]
                    written += 1
                }
            }
            if bitCount > 0 {
                text[written] = lowercaseDigits[Int(bits << (5 - bitCount) & 31)]
                written += 1
            }
            return written
        }
    }

    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): character - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}
