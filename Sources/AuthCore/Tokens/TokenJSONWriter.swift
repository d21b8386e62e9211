import Bytes

/// Writes one JSON object, member by member, as UTF-8.
struct TokenJSONWriter {
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
        JSONText.append(value, to: &text)
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
            JSONText.append(value, to: &text)
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
}
