/// One stored row: a key, named properties, and the version that was read.
package struct Entity: Sendable, Equatable {
    package let key: EntityKey
    /// Names are letters, digits and `_`, and don't start with a digit; at most 250 properties, 64
    /// KiB each.
    package var properties: EntityProperties
    /// The version that was read; nil on an entity that was not read from a store.
    package var etag: ETag?

    package init(key: EntityKey, properties: EntityProperties, etag: ETag? = nil) {
        self.key = key
        self.properties = properties
        self.etag = etag
    }
}

/// The value of a property, in the types that Azure Tables also has.
package enum EntityProperty: Sendable, Hashable {
    case string(String)
    case boolean(Bool)
    case int64(Int64)
    /// We write none; rows of an old table may have some, which are kept.
    case double(Double)
    case binary([UInt8])
    case timestamp(Timestamp)
}

/// One write of a transaction.
package enum EntityOperation: Sendable, Equatable {
    /// Adds an entity that must not exist.
    case insert(EntityKey, EntityProperties)
    /// Replaces all properties of an entity that must exist in exactly this version.
    case replace(EntityKey, EntityProperties, ifMatch: ETag)
    /// Removes an entity that must exist; in exactly this version, if one is given.
    case delete(EntityKey, ifMatch: ETag?)

    /// The key of the entity that is written.
    package var key: EntityKey {
        switch self {
        case .insert(let key, _), .replace(let key, _, _), .delete(let key, _): key
        }
    }
}

/// A row of which the store can read only the key.
package struct UnreadableEntity: Sendable, Equatable {
    package let key: EntityKey
    /// For the operator's log: without the key and without values.
    package let reason: String

    package init(key: EntityKey, reason: String) {
        self.key = key
        self.reason = reason
    }
}

/// Some of the entities of a scan.
package struct EntityPage: Sendable {
    package var entities: [Entity]
    /// The rows between them that can't be read. Whoever scans decides whether to continue without
    /// them. A condition on properties may let them through.
    package var unreadable: [UnreadableEntity] = []
    /// Where the next page starts; nil when this is the last. A page may be empty and still have
    /// a next page.
    package var next: EntityContinuation?

    package init(entities: [Entity], next: EntityContinuation?) {
        self.entities = entities
        self.next = next
    }
}

/// Where a scan continues. Opaque: made by a store, for the same store.
package struct EntityContinuation: Sendable, Equatable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}
