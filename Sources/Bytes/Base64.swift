/// Base 64 (RFC 4648 §4 and §5), strict: one text for one byte string.
///
/// Decoding refuses what a lenient decoder lets pass and an attacker can use to write one token in
/// many ways: characters outside the alphabet, white space, wrong padding, and bits set behind the
/// last whole byte.
package struct Base64: Sendable {
    /// The standard alphabet with padding (§4).
    package static let standard = Base64("+/", padded: true)
    /// The URL and file name safe alphabet without padding (§5), as JOSE uses it.
    package static let url = Base64("-_", padded: false)
    /// The standard alphabet without padding, as password hashes have it.
    package static let standardUnpadded = Base64("+/", padded: false)
    /// passlib's: `.` in place of `+`, without padding.
    package static let adapted = Base64("./", padded: false)

    private let digits: [UInt8]
    /// The value of each ASCII character; 255 for those outside the alphabet.
    private let values: [UInt8]
    private let padded: Bool
    private static let padding = UInt8(ascii: "=")

    private init(_ lastTwo: String, padded: Bool) {
        let alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + lastTwo
        digits = Array(alphabet.utf8)
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() {
            values[Int(digit)] = UInt8(value)
        }
        self.values = values
        self.padded = padded
    }

    /// How many characters `count` bytes take.
    package func encodedCount(_ count: Int) -> Int {
        padded ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// The text of `bytes`.
    package func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0) }
    }

    /// The text of `bytes`.
    package func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { text in
            encode(bytes, into: UnsafeMutableRawBufferPointer(text))
        }
    }

    /// Writes the text of `bytes` to `text`, which has room for `encodedCount(bytes.count)`
    /// characters, and returns how many it wrote.
    @discardableResult
    package func encode(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(text.count >= encodedCount(bytes.count), "no room for the encoded text")
        var written = 0
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16
                | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            for place in 0..<min(left + 1, 4) {
                text[written] = digits[Int(group >> (18 - 6 * UInt32(place)) & 63)]
                written += 1
            }
            index += 3
        }
        while padded && written < encodedCount(bytes.count) {
            text[written] = Base64.padding
            written += 1
        }
        return written
    }

    /// The bytes of `text`, or nil when it is not the one text that `encode` makes of them.
    package func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    /// The bytes of `text`, or nil when it is not the one text that `encode` makes of them.
    package func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var characters = text.count
        if padded {
            guard characters.isMultiple(of: 4) else { return nil }
            var removed = 0
            while removed < 2, characters > 0, text[characters - 1] == Base64.padding {
                characters -= 1
                removed += 1
            }
        }
        guard characters % 4 != 1 else { return nil }
        let count = characters * 3 / 4
        var bits: UInt32 = 0
        var bitCount = 0
        var invalid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            for index in 0..<characters {
                let value = values[Int(text[index])]
                if value == 255 { invalid = true }
                bits = bits << 6 | UInt32(value & 63)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    bytes[written] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
                    written += 1
                }
            }
        }
        let rest = bits & (1 << UInt32(bitCount) - 1)
        return invalid || rest != 0 ? nil : bytes
    }
}
