package import Logging

/// The two forms of a log line. Both contain one line feed, at the end.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-11-23T21:06:03.123Z INFO  message key=value key="a value"`.
    case text
    /// One JSON object (RFC 8259) with the members `time`, `level`, `message`, then the metadata.
    case json

    /// Longer lines leave out the rest of their metadata, and say so.
    static let lineBytesMax = 16 * 1024
    /// The longest message or value, in bytes before escaping; longer ones are truncated with `…`.
    static let valueBytesMax = 2048
    /// Metadata nested deeper is written as one string.
    static let depthMax = 4

    /// One line.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970, UTC.
    ///   - level: how severe it is.
    ///   - message: our own sentence; still escaped, since a part may come from a peer.
    ///   - metadata: written in the order of the keys.
    /// - Returns: UTF-8 that ends with the only line feed in it.
    package func line(
        time: Int64, level: Logger.Level, message: String, metadata: Logger.Metadata
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        switch self {
        case .text: appendText(&line, time, level, message, metadata)
        case .json: appendJSON(&line, time, level, message, metadata)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }
}

extension LogFormat {
    private func appendText(
        _ line: inout [UInt8], _ time: Int64, _ level: Logger.Level, _ message: String,
        _ metadata: Logger.Metadata
    ) {
        line.append(contentsOf: UTCTime.text(milliseconds: time).utf8)
        line.append(contentsOf: " \(level.shortName) ".utf8)
        // A message with these could pass for a message with metadata.
        if message.utf8.contains(where: { [0x22, 0x3d, 0x5c].contains($0) }) {
            appendQuoted(&line, message)
        } else {
            LineText.append(message, to: &line, bytesMax: LogFormat.valueBytesMax)
        }
        for key in metadata.keys.sorted() {
            guard let value = metadata[key] else { continue }
            guard line.count < LogFormat.lineBytesMax else {
                line.append(contentsOf: " truncated=true".utf8)
                return
            }
            line.append(UInt8(ascii: " "))
            line.append(contentsOf: key.utf8.prefix(64).map(LogFormat.keyByte))
            line.append(UInt8(ascii: "="))
            let text = value.boundedText(bytesMax: LogFormat.valueBytesMax)
            if !text.isEmpty, text.utf8.count <= LogFormat.valueBytesMax,
                text.utf8.allSatisfy(LogFormat.isBare)
            {
                line.append(contentsOf: text.utf8)
            } else {
                appendQuoted(&line, text)
            }
        }
    }

    private func appendQuoted(_ line: inout [UInt8], _ text: String) {
        line.append(UInt8(ascii: "\""))
        LineText.append(
            text, to: &line, bytesMax: LogFormat.valueBytesMax, json: self == .json)
        line.append(UInt8(ascii: "\""))
    }

    private static func keyByte(_ byte: UInt8) -> UInt8 {
        isBare(byte) && byte != UInt8(ascii: "/") ? byte : UInt8(ascii: "_")
    }

    /// Whether a value with these bytes needs no quotes.
    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"),
            UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}

extension LogFormat {
    private func appendJSON(
        _ line: inout [UInt8], _ time: Int64, _ level: Logger.Level, _ message: String,
        _ metadata: Logger.Metadata
    ) {
        let opening =
            "{\"time\":\"\(UTCTime.text(milliseconds: time))\",\"level\":\"\(level.rawValue)\","
            + "\"message\":"
        line.append(contentsOf: opening.utf8)
        appendQuoted(&line, message)
        // No key may occur twice: readers differ in which of the two they use.
        var used: Set<String> = ["time", "level", "message", "truncated"]
        for key in metadata.keys.sorted() {
            guard let value = metadata[key] else { continue }
            guard line.count < LogFormat.lineBytesMax else {
                line.append(contentsOf: ",\"truncated\":true".utf8)
                break
            }
            var name = String(key.prefix(64))
            while !used.insert(name).inserted { name += "_" }
            line.append(UInt8(ascii: ","))
            appendQuoted(&line, name)
            line.append(UInt8(ascii: ":"))
            appendJSON(&line, value, depth: 1)
        }
        line.append(UInt8(ascii: "}"))
    }

    private func appendJSON(_ line: inout [UInt8], _ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .array(let items) where depth < LogFormat.depthMax:
            line.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                guard line.count < LogFormat.lineBytesMax else { break }
                if index > 0 { line.append(UInt8(ascii: ",")) }
                appendJSON(&line, item, depth: depth + 1)
            }
            line.append(UInt8(ascii: "]"))
        case .dictionary(let items) where depth < LogFormat.depthMax:
            line.append(UInt8(ascii: "{"))
            var isFirst = true
            for key in items.keys.sorted() {
                guard let item = items[key], line.count < LogFormat.lineBytesMax else { break }
                if !isFirst { line.append(UInt8(ascii: ",")) }
                isFirst = false
                appendQuoted(&line, key)
                line.append(UInt8(ascii: ":"))
                appendJSON(&line, item, depth: depth + 1)
            }
            line.append(UInt8(ascii: "}"))
        case .stringConvertible(let number as any BinaryInteger):
            line.append(contentsOf: number.description.utf8)
        case .stringConvertible(let flag as Bool):
            line.append(contentsOf: (flag ? "true" : "false").utf8)
        case .stringConvertible(let number as Double) where number.isFinite:
            line.append(contentsOf: number.description.utf8)
        default:
            appendQuoted(&line, value.boundedText(bytesMax: LogFormat.valueBytesMax))
        }
    }
}

extension Logger.Level {
    /// Five columns wide, so that messages are aligned.
    fileprivate var shortName: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .notice: "NOTE "
        case .warning: "WARN "
        case .error: "ERROR"
        case .critical: "CRIT "
        }
    }
}
