import Bytes

/// Writes JSON objects of texts, numbers and truth values: nothing else is ever sent.
struct JSONWriter {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func member(_ name: String, _ text: String) {
        begin(name)
        string(text)
    }

    mutating func member(_ name: String, _ value: Bool) {
        begin(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// A number, as JSON writes it.
    mutating func member(_ name: String, number: String) {
        begin(name)
        bytes.append(contentsOf: number.utf8)
    }

    /// The object, closed.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func string(_ text: String) {
        JSONText.append(text, to: &bytes, escapesDelete: true)
    }
}
