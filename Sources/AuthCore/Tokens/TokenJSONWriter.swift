/// Writes one JSON object, member by member, as UTF-8.
struct TokenJSONWriter {
    private static let digits = Array("0123456789abcdef".utf8)

    private var text: [UInt8]

    init() {
        text = []
        // Enough for an access token's claims.
        text.reserveCapacity(512)
        text.append(UInt8(ascii: "{"))
    }

    /// Names are our own: letters, digits and `_`.
    mutating func member(_ name: String, _ value: String) {
        begin(name)
        string(value)
    }

    mutating func member(_ name: String, _ value: Int64) {
        begin(name)
        text.append(contentsOf: String(value).utf8)
    }

    mutating func member(_ name: String, _ values: [String]) {
        begin(name)
        text.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            string(value)
        }
        text.append(UInt8(ascii: "]"))
    }

    /// The whole object, which nobody else holds, so that it can be wiped.
    ///
    /// Mutating, not consuming: a `var` that is consumed is copied first.
    mutating func finished() -> [UInt8] {
        text.append(UInt8(ascii: "}"))
        var finished: [UInt8] = []
        swap(&finished, &text)
        return finished
    }

    private mutating func begin(_ name: String) {
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text.append(UInt8(ascii: "\""))
        text.append(contentsOf: name.utf8)
        text.append(UInt8(ascii: "\""))
        text.append(UInt8(ascii: ":"))
    }

    private mutating func string(_ value: String) {
        text.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { bytes in
            var isEscaped = false
            for byte in bytes { isEscaped = isEscaped || TokenJSONWriter.isEscaped(byte) }
            if isEscaped { escaped(bytes) } else { text.append(contentsOf: bytes) }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 0..<0x20:
                text.append(contentsOf: "\\u00".utf8)
                text.append(TokenJSONWriter.digits[Int(byte >> 4)])
                text.append(TokenJSONWriter.digits[Int(byte & 15)])
            default:
                text.append(byte)
            }
        }
    }
}
