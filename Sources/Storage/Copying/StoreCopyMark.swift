/// The row in a target that records the progress of a copy.
struct StoreCopyMark: Sendable {
    static let key = EntityKey(partition: "authd_copy", row: "progress")

    let origin: String
    /// Where the copy continues in the source.
    var place: EntityContinuation?
    var count = 0
    /// Whether only the verification is missing.
    var isCopied = false
    var etag: ETag?

    init(origin: String) {
        self.origin = origin
    }

    /// Nil for a row that this program did not write.
    init?(_ entity: Entity) {
        guard case .string(let origin) = entity.properties["origin"],
            case .int64(let count) = entity.properties["count"],
            case .boolean(let isCopied) = entity.properties["isCopied"]
        else { return nil }
        self.origin = origin
        self.count = Int(count)
        self.isCopied = isCopied
        if case .string(let place) = entity.properties["place"] {
            self.place = EntityContinuation(place)
        }
        etag = entity.etag
    }

    var properties: EntityProperties {
        var properties: EntityProperties = [
            "origin": .string(origin), "count": .int64(Int64(count)),
            "isCopied": .boolean(isCopied),
        ]
        properties["place"] = place.map { .string($0.text) }
        return properties
    }
}
