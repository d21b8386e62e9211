import Storage

/// One write in its stored form, encoded on the caller's side so that the writer only writes.
enum EncodedOperation: Sendable {
    case insert(row: String, properties: [UInt8], version: Int64)
    case replace(row: String, properties: [UInt8], version: Int64, ifMatch: Int64?)
    case delete(row: String, ifMatch: Condition)

    /// Which versions a delete accepts.
    enum Condition: Sendable {
        case any
        /// Exactly this one; nil is a version that no entity has.
        case exactly(Int64?)
    }

    init(_ operation: EntityOperation) {
        switch operation {
        case .insert(let key, let properties):
            self = .insert(
                row: key.row, properties: PropertyCodec.encode(properties),
                version: ETag.newVersion())
        case .replace(let key, let properties, let etag):
            self = .replace(
                row: key.row, properties: PropertyCodec.encode(properties),
                version: ETag.newVersion(), ifMatch: etag.storedVersion)
        case .delete(let key, let etag):
            self = .delete(
                row: key.row, ifMatch: etag.map { .exactly($0.storedVersion) } ?? .any)
        }
    }

    /// The version that the entity gets; nil for a delete.
    var etag: ETag? {
        switch self {
        case .insert(_, _, let version), .replace(_, _, let version, _): ETag(stored: version)
        case .delete: nil
        }
    }

    /// About as much memory as it takes while it waits.
    var bytes: Int {
        switch self {
        case .insert(let row, let properties, _), .replace(let row, let properties, _, _):
            64 + row.utf8.count + properties.count
        case .delete(let row, _): 64 + row.utf8.count
        }
    }
}
