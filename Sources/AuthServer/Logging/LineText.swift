/// Makes text from anywhere safe to appear in one line of a log or a message.
///
/// Escaped are control characters (line feeds, ANSI escapes, C1), format characters (among them
/// those that change the writing direction), line and paragraph separators, private and unassigned
/// code points. What is left can neither end the line nor change how a terminal shows it.
enum LineText {
    /// `text` with unsafe characters and backslashes escaped, without quotes.
    static func plain(_ text: String, bytesMax: Int = 4096) -> String {
        var line: [UInt8] = []
        append(text, to: &line, bytesMax: bytesMax, quote: false)
        return String(decoding: line, as: UTF8.self)
    }

    /// `text` in double quotes, with quotes inside escaped too.
    static func quoted(_ text: String, bytesMax: Int = 4096) -> String {
        "\"" + escaped(text, bytesMax: bytesMax) + "\""
    }

    /// Appends `text` in the form used between double quotes, truncated after `bytesMax` bytes of
    /// input.
    ///
    /// - Parameters:
    ///   - text: anything.
    ///   - line: gets the escaped text.
    ///   - bytesMax: the most bytes of `text` that are used; `…` marks a cut.
    ///   - quote: whether `"` is escaped as well.
    ///   - json: whether to escape as in RFC 8259 §7 (`\u001b`), else as in Swift (`\u{1b}`).
    static func append(
        _ text: String, to line: inout [UInt8], bytesMax: Int, quote: Bool = true,
        json: Bool = false
    ) {
        var used = 0
        for scalar in text.unicodeScalars {
            used += UTF8.width(scalar)
            guard used <= bytesMax else {
                line.append(contentsOf: "…".utf8)
                return
            }
            switch scalar {
            case "\n": line.append(contentsOf: "\\n".utf8)
            case "\r": line.append(contentsOf: "\\r".utf8)
            case "\t": line.append(contentsOf: "\\t".utf8)
            case "\\": line.append(contentsOf: "\\\\".utf8)
            case "\"": line.append(contentsOf: (quote ? "\\\"" : "\"").utf8)
            case " "..."~": line.append(UInt8(truncatingIfNeeded: scalar.value))
            case _ where isShown(scalar): line.append(contentsOf: String(scalar).utf8)
            case _ where json:
                for unit in String(scalar).utf16 { appendJSON(unit, to: &line) }
            default:
                line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
            }
        }
    }

    private static func escaped(_ text: String, bytesMax: Int) -> String {
        var line: [UInt8] = []
        append(text, to: &line, bytesMax: bytesMax)
        return String(decoding: line, as: UTF8.self)
    }

    private static func appendJSON(_ unit: UInt16, to line: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        line.append(contentsOf: "\\u".utf8)
        line.append(contentsOf: String(repeating: "0", count: 4 - digits.count).utf8)
        line.append(contentsOf: digits.utf8)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}
