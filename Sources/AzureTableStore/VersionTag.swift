import Storage

/// What an `ETag` of this store holds: the service's tag, byte for byte, and the entity's history,
/// which a replace continues without an extra read.
struct VersionTag: Equatable, Sendable {
    /// `W/"datetime'...'"`.
    let service: String
    let history: WriteHistory

    /// A version that no entity has: well-formed, so that the service answers 412 and not 400.
    static let never = VersionTag(
        "W/\"datetime'1601-01-01T00%3A00%3A00Z'\"", WriteHistory(current: nil, earlier: nil))

    init(_ service: String, _ history: WriteHistory) {
        self.service = service
        self.history = history
    }

    /// Reads what `etag` made. An etag from another store, or one that can't go into a header, is a
    /// version that no entity has.
    init(_ etag: ETag) {
        let parts = etag.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard parts.count == 3, VersionTag.isTag(parts[0]) else {
            self = VersionTag.never
            return
        }
        service = String(parts[0])
        history = WriteHistory(current: String(parts[1]), earlier: String(parts[2]))
    }

    var etag: ETag {
        ETag("\(service)\n\(history.current)\n\(history.earlierText)")
    }

    private static func isTag(_ text: Substring) -> Bool {
        (text.hasPrefix("W/\"") || text.hasPrefix("\"")) && text.hasSuffix("\"")
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
