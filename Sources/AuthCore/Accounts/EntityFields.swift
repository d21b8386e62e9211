import Storage

/// Takes the properties of a stored row one by one, typed; what is left over is unknown to us.
struct EntityFields {
    private let key: EntityKey
    private(set) var rest: [String: EntityProperty]

    init(_ entity: Entity) {
        key = entity.key
        rest = entity.properties
    }

    mutating func string(_ name: String) throws(StoreError) -> String {
        guard case .string(let value) = rest.removeValue(forKey: name) else { throw bad(name) }
        return value
    }

    mutating func integer(_ name: String) throws(StoreError) -> Int64 {
        guard case .int64(let value) = rest.removeValue(forKey: name) else { throw bad(name) }
        return value
    }

    mutating func timestamp(_ name: String) throws(StoreError) -> Timestamp {
        guard case .timestamp(let value) = rest.removeValue(forKey: name) else { throw bad(name) }
        return value
    }

    mutating func optionalString(_ name: String) throws(StoreError) -> String? {
        rest[name] == nil ? nil : try string(name)
    }

    mutating func optionalInteger(_ name: String) throws(StoreError) -> Int64? {
        rest[name] == nil ? nil : try integer(name)
    }

    mutating func optionalBinary(_ name: String) throws(StoreError) -> [UInt8]? {
        guard let value = rest.removeValue(forKey: name) else { return nil }
        guard case .binary(let bytes) = value else { throw bad(name) }
        return bytes
    }

    mutating func optionalTimestamp(_ name: String) throws(StoreError) -> Timestamp? {
        rest[name] == nil ? nil : try timestamp(name)
    }

    /// False when the property is missing.
    mutating func flag(_ name: String) throws(StoreError) -> Bool {
        guard let value = rest.removeValue(forKey: name) else { return false }
        guard case .boolean(let flag) = value else { throw bad(name) }
        return flag
    }

    /// The error for a property of a wrong type or size.
    func bad(_ name: String) -> StoreError {
        .corrupt("row \(key.row) of partition \(key.partition): bad or missing property \(name)")
    }
}
