import Storage

/// What the dates in a SAS say about a moment.
enum SignatureDates {
    /// The problem at `now`, or nil when the dates allow it or can't be read.
    static func problem(_ signature: SharedAccessSignature, at now: Timestamp) -> String? {
        if let end = moment(signature.parameters["se"]), end <= now {
            return "the SAS expired at \(CivilTime(end).isoText)"
        }
        if let start = moment(signature.parameters["st"]), start > now {
            return "the SAS is not valid before \(CivilTime(start).isoText)"
        }
        return nil
    }

    /// When it expires; nil when that is not said, as with a stored policy.
    static func expiry(_ signature: SharedAccessSignature) -> Timestamp? {
        moment(signature.parameters["se"])
    }

    /// The forms that a SAS may have: a date, or one with minutes, or with seconds.
    private static func moment(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        let forms = [text, text.dropLast() + ":00Z", text + "T00:00:00Z"]
        return forms.lazy.compactMap { CivilTime(iso: String($0))?.timestamp }.first
    }
}
