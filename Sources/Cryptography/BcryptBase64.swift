/// bcrypt's own base64: the order of RFC 4648, another alphabet, no padding.
enum BcryptBase64 {
    private static let digits = Array(
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// The text of `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(digits[Int(bits >> bitCount & 63)])
            }
        }
        if bitCount > 0 {
            text.append(digits[Int(bits << (6 - bitCount) & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of what `encode` made, or nil for any other character. Bits after the last whole
    /// byte are dropped.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for digit in text.utf8 {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bytes
    }

    /// Whether `text` is what `encode` makes of some `bytes` bytes.
    static func isCanonical(_ text: ArraySlice<UInt8>, bytes: Int) -> Bool {
        guard text.count == (bytes * 8 + 5) / 6, text.allSatisfy(digits.contains),
            let last = text.last, let value = digits.firstIndex(of: last)
        else { return false }
        let unusedBits = text.count * 6 - bytes * 8
        return value & (1 << unusedBits - 1) == 0
    }
}
