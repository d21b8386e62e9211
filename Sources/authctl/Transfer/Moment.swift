import Foundation

/// A moment in RFC 3339 form, in UTC, to the microsecond.
struct Moment: Codable {
    let date: Date

    init(_ date: Date) {
        self.date = date
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = Moment.parse(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a time such as 2026-01-31T12:00:00Z")
        }
        self.date = date
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let seconds = (microseconds / 1_000_000).rounded(.down)
        let whole = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        let fraction = Int(microseconds - seconds * 1_000_000)
        let digits = String(String(1_000_000 + fraction).dropFirst())
        try container.encode(fraction == 0 ? whole : whole.dropLast() + ".\(digits)Z")
    }

    private static func parse(_ text: String) -> Date? {
        guard text.utf8.count <= 64 else { return nil }
        guard let point = text.firstIndex(of: ".") else {
            return try? Date(text, strategy: .iso8601)
        }
        let digits = text[text.index(after: point)...].prefix { $0.isASCII && $0.isNumber }
        let rest = text[digits.endIndex...]
        guard (1...9).contains(digits.count), let fraction = Double("0." + digits),
            let whole = try? Date(String(text[..<point] + rest), strategy: .iso8601)
        else { return nil }
        return whole.addingTimeInterval(fraction)
    }
}
