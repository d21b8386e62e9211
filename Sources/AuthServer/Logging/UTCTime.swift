import Glibc

/// Times as log lines show them (RFC 3339 §5.6, UTC, milliseconds).
enum UTCTime {
    /// Now, in milliseconds since 1970.
    static func nowMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Such as `2026-11-23T21:06:03.123Z`.
    static func text(milliseconds: Int64) -> String {
        let (secondsDown, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        var seconds = time_t(rest < 0 ? secondsDown - 1 : secondsDown)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let milli = Int(rest < 0 ? rest + 1000 : rest)
        return String(unsafeUninitializedCapacity: bytesMax) { text in
            var count = 0
            append(Int(parts.tm_year) + 1900, 4, "-", to: text, &count)
            append(Int(parts.tm_mon) + 1, 2, "-", to: text, &count)
            append(Int(parts.tm_mday), 2, "T", to: text, &count)
            append(Int(parts.tm_hour), 2, ":", to: text, &count)
            append(Int(parts.tm_min), 2, ":", to: text, &count)
            append(Int(parts.tm_sec), 2, ".", to: text, &count)
            append(milli, 3, "Z", to: text, &count)
            return count
        }
    }

    /// A year of nine digits is the last that `Int64` has milliseconds for.
    private static let bytesMax = 29

    /// Appends at least `width` digits and what follows them.
    private static func append(
        _ number: Int, _ width: Int, _ end: Unicode.Scalar,
        to text: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) {
        func put(_ byte: UInt8) {
            text[count] = byte
            count += 1
        }
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            put(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
        put(UInt8(ascii: end))
    }
}
