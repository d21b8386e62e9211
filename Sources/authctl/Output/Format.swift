import Foundation

/// How values are shown.
enum Format {
    /// One JSON object on one line, with snake_case names and times as RFC 3339.
    static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// One JSON object on one line, with the names as they are.
    static func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// A time in the local zone, and how far away it is.
    static func time(_ date: Date, now: Date = Date()) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss ZZZZZ"
        return "\(formatter.string(from: date)) (\(relative(date.timeIntervalSince(now))))"
    }

    /// `in 14 min`, `3 h ago`.
    static func relative(_ seconds: Double) -> String {
        let size = abs(seconds)
        let text =
            switch size {
            case ..<1: "now"
            case ..<90: "\(Int(size)) s"
            case ..<5400: "\(Int(size / 60)) min"
            case ..<172_800: "\(Int(size / 3600)) h"
            default: "\(Int(size / 86_400)) days"
            }
        guard size >= 1 else { return text }
        return seconds > 0 ? "in \(text)" : "\(text) ago"
    }

    /// `1.5 s`
    static func seconds(_ seconds: Double) -> String {
        String(format: "%.1f s", seconds)
    }

    /// A time with about three digits and its unit: `87 µs`, `2.31 ms`, `236 ms`, `1.20 s`.
    static func latency(microseconds: Double) -> String {
        switch microseconds {
        case ..<1000: String(format: "%.0f µs", microseconds)
        case ..<10_000: String(format: "%.2f ms", microseconds / 1e3)
        case ..<100_000: String(format: "%.1f ms", microseconds / 1e3)
        case ..<1_000_000: String(format: "%.0f ms", microseconds / 1e3)
        default: String(format: "%.2f s", microseconds / 1e6)
        }
    }

    /// A number of things per second: `4.2`, `51,234`.
    static func rate(_ perSecond: Double) -> String {
        guard perSecond >= 100 else { return String(format: "%.1f", perSecond) }
        return Int(perSecond.rounded()).formatted(
            .number.grouping(.automatic).locale(Locale(identifier: "en_GB")))
    }

    /// `text` without anything that could move the cursor or forge a line.
    static func safe(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{fffd}"
                    default: scalar
                    }
                }))
    }

    /// Columns, aligned, with a header; those in `numbers` right-aligned.
    static func table(_ rows: [[String]], numbers: Range<Int> = 0..<0) -> String {
        let rows = rows.map { $0.map(safe) }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell -> String in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return numbers.contains(column) ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    /// `name  value` lines, aligned.
    static func fields(_ fields: [(String, String)]) -> String {
        table(fields.map { [$0.0, $0.1] })
    }
}
