extension Base32 {
    /// The text of a secret, without padding, in memory that is wiped.
    package static func encode(_ secret: SecretBytes) -> SecretBytes {
        SecretBytes(count: (secret.count * 8 + 4) / 5) { text in
            secret.withUnsafeBytes { bytes in
                for index in text.indices {
                    text[index] = digit(at: index, of: bytes)
                }
            }
        }
    }

    /// The bytes of a text in which a secret is written, in memory that is wiped: either case,
    /// padding allowed at the end, nothing else; or nil.
    package static func decode(_ text: SecretBytes) -> SecretBytes? {
        text.withUnsafeBytes { text -> SecretBytes? in
            var count = text.count
            while count > 0, text[count - 1] == UInt8(ascii: "=") {
                count -= 1
            }
            guard ![1, 3, 6].contains(count % 8) else { return nil }
            var isValid = true
            var bits: UInt32 = 0
            var bitCount: UInt32 = 0
            var index = 0
            let secret = SecretBytes(count: count * 5 / 8) { secret in
                for character in text[..<count] {
                    let value = value(character)
                    isValid = isValid && value != nil
                    bits = bits << 5 | UInt32(value ?? 0)
                    bitCount += 5
                    if bitCount >= 8 {
                        bitCount -= 8
                        secret[index] = UInt8(truncatingIfNeeded: bits >> bitCount)
                        index += 1
                    }
                }
            }
            return isValid && bits & (1 << bitCount - 1) == 0 ? secret : nil
        }
    }

    /// The digit that stands for the five bits from bit `index * 5` on.
    private static func digit(at index: Int, of bytes: UnsafeRawBufferPointer) -> UInt8 {
        let first = index * 5 / 8
        let high = UInt32(bytes[first]) << 8
        let low = first + 1 < bytes.count ? UInt32(bytes[first + 1]) : 0
        let shift = UInt32(11 - index * 5 % 8)
        return digits[Int((high | low) >> shift & 31)]
    }
}
