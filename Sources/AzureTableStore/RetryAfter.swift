import Storage

/// The header `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
enum RetryAfter {
    /// The wait it asks for, at most a minute; nil when it asks for none.
    static func delay(_ header: String?, now: Timestamp) -> Duration? {
        guard let header else { return nil }
        if let seconds = Int64(header) {
            return seconds > 0 ? .seconds(min(seconds, 60)) : nil
        }
        guard let moment = CivilTime(http: header)?.timestamp, moment > now else { return nil }
        return min(moment.since(now), .seconds(60))
    }
}
