/// Base64 (RFC 4648 §4 and §5), strict: one text for one byte string.
///
/// Decoding refuses what a lenient decoder accepts and an attacker can use to write one token in
/// many ways: characters outside the alphabet, white space, wrong padding, and bits set after the
/// last whole byte.
package struct Base64: Sendable {
    /// The standard alphabet with padding (§4).
    package static let standard = Base64("+/", padded: true)
    /// The URL and file name safe alphabet without padding (§5), as JOSE uses it.
    package static let url = Base64("-_", padded: false)
    /// The standard alphabet without padding, as used by password hashes.
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
        while index + 3 <= bytes.count {
            let group =
                Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            text[written] = digits[group >> 18]
            text[written + 1] = digits[group >> 12 & 63]
            text[written + 2] = digits[group >> 6 & 63]
            text[written + 3] = digits[group & 63]
            written += 4
            index += 3
        }
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16
                | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
            for place in 0..<left + 1 {
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

    /// How many bytes a text of `count` characters has, or up to two more.
    package func decodedCountMax(_ count: Int) -> Int { count / 4 * 3 + 2 }

    /// The bytes of `text`, or nil when it is not the one text that `encode` makes of them.
    package func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var isDecoded = false
        let bytes = [UInt8](unsafeUninitializedCapacity: decodedCountMax(text.count)) {
            bytes, written in
            guard let count = decode(text, into: UnsafeMutableRawBufferPointer(bytes)) else {
                return
            }
            written = count
            isDecoded = true
        }
        return isDecoded ? bytes : nil
    }

    /// Writes the bytes of `text` to `bytes`, which has room for `decodedCountMax(text.count)`.
    ///
    /// - Returns: how many it wrote; nil, with anything in `bytes`, when `text` is not the one text
    ///   that `encode` makes of them.
    package func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int? {
        precondition(bytes.count >= decodedCountMax(text.count), "no room for the decoded bytes")
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
        return values.withUnsafeBufferPointer { values in
            decode(UnsafeRawBufferPointer(rebasing: text[..<characters]), into: bytes, values)
        }
    }

    private func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer,
        _ values: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        // Accumulated, and checked at the end: no value has the highest bit.
        var seen: UInt8 = 0
        var written = 0
        var index = 0
        while index + 4 <= text.count {
            let first = values[Int(text[index])]
            let second = values[Int(text[index + 1])]
            let third = values[Int(text[index + 2])]
            let fourth = values[Int(text[index + 3])]
            seen |= first | second | third | fourth
            bytes[written] = first << 2 | second >> 4
            bytes[written + 1] = second << 4 | third >> 2
            bytes[written + 2] = third << 6 | fourth
            index += 4
            written += 3
        }
        // Bits after the last whole byte must be zero.
        var rest: UInt8 = 0
        if index + 2 <= text.count {
            let first = values[Int(text[index])]
            let second = values[Int(text[index + 1])]
            seen |= first | second
            bytes[written] = first << 2 | second >> 4
            written += 1
            rest = second << 4
            if index + 3 == text.count {
                let third = values[Int(text[index + 2])]
                seen |= third
                bytes[written] = second << 4 | third >> 2
                written += 1
                rest = third << 6
            }
        }
        return seen & 0x80 != 0 || rest != 0 ? nil : written
    }
}
