/// Writes the strings of JSON texts (RFC 8259 §7).
package enum JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends `string` in quotes.
    ///
    /// - Parameters:
    ///   - string: anything.
    ///   - text: gets it, as UTF-8, with no more escapes than necessary.
    ///   - escapesDelete: whether U+007F is escaped too: it is legal, but some readers stumble
    ///     over it.
    package static func append(
        _ string: String, to text: inout [UInt8], escapesDelete: Bool = false
    ) {
        text.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { bytes in
            var isEscaped = false
            for byte in bytes { isEscaped = isEscaped || needsEscape(byte) }
            if isEscaped || (escapesDelete && bytes.contains(0x7f)) {
                appendEscaped(bytes, to: &text, escapesDelete)
            } else {
                text.append(contentsOf: bytes)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(
        _ bytes: UnsafeBufferPointer<UInt8>, to text: inout [UInt8], _ escapesDelete: Bool
    ) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case _ where byte < 0x20 || (byte == 0x7f && escapesDelete):
                text.append(contentsOf: "\\u00".utf8)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            default:
                text.append(byte)
            }
        }
    }
}
