/// Base32 (RFC 4648 §6): upper case, without padding when written, as TOTP secrets are shown.
package enum Base32 {
    static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let lowercaseDigits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// The text of `bytes`, without padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0, digits) }
    }

    /// The same in lower case.
    package static func encodeLowercased(_ bytes: UnsafeRawBufferPointer) -> String {
        encode(bytes, lowercaseDigits)
    }

    private static func encode(_ bytes: UnsafeRawBufferPointer, _ digits: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 8 + 4) / 5) { text in
            var written = 0
            var bits: UInt32 = 0
            var bitCount: UInt32 = 0
            for byte in bytes {
                bits = bits << 8 | UInt32(byte)
                bitCount += 8
                while bitCount >= 5 {
                    bitCount -= 5
                    text[written] = digits[Int(bits >> bitCount & 31)]
                    written += 1
                }
            }
            if bitCount > 0 {
                text[written] = digits[Int(bits << (5 - bitCount) & 31)]
                written += 1
            }
            return written
        }
    }

    /// The bytes of `text`: either case, padding allowed at the end, nothing else; or nil.
    package static func decode(_ text: String) -> [UInt8]? {
        var characters = Array(text.utf8)
        while characters.last == UInt8(ascii: "=") {
            characters.removeLast()
        }
        guard ![1, 3, 6].contains(characters.count % 8) else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in characters {
            guard let value = value(character) else { return nil }
            bits = bits << 5 | UInt32(value)
            bitCount += 5
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bits & (1 << bitCount - 1) == 0 ? bytes : nil
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
