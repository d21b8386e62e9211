/// One event before it has its place in the chain. No value may be a secret.
package struct AuditRecord: Sendable, Equatable {
    /// A value of a member.
    package enum Value: Sendable, Equatable {
        case text(String)
        case number(Int64)
        case flag(Bool)
    }

    /// RFC 3339, UTC.
    package let time: String
    /// What was decided, such as `Login`.
    package let event: String
    /// In this order; no name twice.
    package var fields: [(name: String, value: Value)] = []

    /// - Parameters:
    ///   - time: RFC 3339, UTC.
    ///   - event: a word of letters.
    package init(time: String, event: String) {
        self.time = time
        self.event = event
        fields.reserveCapacity(AuditRecord.usualFieldCount)
    }

    /// How many members an event usually has at most.
    private static let usualFieldCount = 12

    /// Adds a member, unless there is no value.
    package mutating func add(_ name: String, _ text: String?) {
        if let text { fields.append((name, .text(text))) }
    }

    /// Adds a member.
    package mutating func add(_ name: String, _ value: Value) {
        fields.append((name, value))
    }

    package static func == (left: AuditRecord, right: AuditRecord) -> Bool {
        left.time == right.time && left.event == right.event
            && left.fields.elementsEqual(right.fields) {
                $0.name == $1.name && $0.value == $1.value
            }
    }

    /// A value is truncated after this: a line must fit a write that a pipe takes whole (4096
    /// bytes).
    static let textBytesMax = 128

    /// Appends the members as JSON (RFC 8259), ASCII only, each with a comma before it.
    func appendFields(to json: inout [UInt8]) {
        for (name, value) in fields {
            for part in [",\"", name, "\":"] { json.append(contentsOf: part.utf8) }
            switch value {
            case .text(let text): AuditRecord.append(text, to: &json)
            case .number(let number): json.append(contentsOf: String(number).utf8)
            case .flag(let flag): json.append(contentsOf: (flag ? "true" : "false").utf8)
            }
        }
    }

    /// `text` as a JSON string of printable ASCII; what is longer than `textBytesMax` ends with
    /// `~`.
    static func append(_ text: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        if text.utf8.count <= textBytesMax, text.utf8.allSatisfy(isPlain) {
            json.append(contentsOf: text.utf8)
        } else {
            appendEscaped(text, to: &json)
        }
        json.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ text: String, to json: inout [UInt8]) {
        var used = 0
        for scalar in text.unicodeScalars {
            used += UTF8.width(scalar)
            guard used <= textBytesMax else {
                json.append(UInt8(ascii: "~"))
                break
            }
            switch scalar {
            case "\"", "\\": json += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            case " "..."~": json.append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    let zeros = String(repeating: "0", count: 4 - digits.count)
                    json += Array("\\u\(zeros)\(digits)".utf8)
                }
            }
        }
    }
}
