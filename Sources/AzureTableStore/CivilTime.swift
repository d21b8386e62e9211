import Storage

/// A moment as a calendar date, in UTC: the dates of HTTP and of the table service.
struct CivilTime: Equatable {
    /// 1 to 9999.
    var year: Int
    /// 1 to 12, 1 to 31.
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// 0 to 999,999.
    var microsecond: Int

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// The calendar's view of a moment.
    init(_ timestamp: Timestamp) {
        let seconds = Int(timestamp.seconds)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        (year, month, day) = CivilTime.date(days: days)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
        microsecond = Int(timestamp.microseconds) - seconds * 1_000_000
    }

    /// The moment; nil when there is no such date.
    var timestamp: Timestamp? {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = CivilTime.days(year: year, month: month, day: day)
        guard CivilTime.date(days: days) == (year, month, day) else { return nil }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
        return Timestamp(microseconds: Int64(seconds) * 1_000_000 + Int64(microsecond))
    }

    /// `2026-01-01T00:00:00.123456Z`, without trailing zeros (ISO 8601, as Edm.DateTime).
    var isoText: String {
        let fraction = padded(microsecond, 6)
        let digits = fraction.prefix(
            fraction.utf8.count - fraction.utf8.reversed().prefix { $0 == 0x30 }.count)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
            + (digits.isEmpty ? "Z" : ".\(digits)Z")
    }

    /// `Mon, 23 Nov 2026 21:06:03 GMT` (RFC 9110 §5.6.7).
    var httpText: String {
        let days = CivilTime.days(year: year, month: month, day: day)
        let weekday = CivilTime.weekdays[((days % 7) + 7) % 7]
        return "\(weekday), \(padded(day, 2)) \(CivilTime.months[month - 1]) \(padded(year, 4)) "
            + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)) GMT"
    }

    /// Reads `isoText`, with 0 to 7 digits of a fraction: beyond microseconds they are dropped.
    init?(iso text: String) {
        guard text.utf8.last == UInt8(ascii: "Z") else { return nil }
        let parts = text.dropLast().split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let halves = parts[0].split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        let time = halves[1].split(separator: ":", omittingEmptySubsequences: false)
        guard date.count == 3, time.count == 3, let year = number(date[0], 4),
            let month = number(date[1], 2), let day = number(date[2], 2),
            let hour = number(time[0], 2), let minute = number(time[1], 2),
            let second = number(time[2], 2)
        else { return nil }
        microsecond = 0
        if parts.count == 2 {
            guard (1...7).contains(parts[1].utf8.count),
                number(parts[1], parts[1].utf8.count) != nil
            else { return nil }
            let digits = parts[1].prefix(6)
            microsecond = Int(digits + String(repeating: "0", count: 6 - digits.utf8.count)) ?? 0
        }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// Reads `httpText`.
    init?(http text: String) {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT",
            let month = CivilTime.months.firstIndex(of: String(words[2])),
            let day = number(words[1], 2), let year = number(words[3], 4)
        else { return nil }
        let time = words[4].split(separator: ":")
        guard time.count == 3, let hour = number(time[0], 2), let minute = number(time[1], 2),
            let second = number(time[2], 2)
        else { return nil }
        (self.year, self.month, self.day) = (year, month + 1, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
        microsecond = 0
    }

    /// Days since 1970-01-01 of the Gregorian calendar, by eras of 400 years that begin in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}

private func padded(_ number: Int, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}

/// Exactly `count` ASCII digits.
private func number(_ text: Substring, _ count: Int) -> Int? {
    guard text.utf8.count == count, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
    }
    return Int(text)
}
