import Storage

/// Takes the properties of a stored row one by one, typed; what is left over is unknown to us.
struct EntityFields {
    private let key: EntityKey
    private(set) var rest: EntityProperties

    init(_ entity: Entity) {
        key = entity.key
        rest = entity.properties
    }

    mutating func string(_ name: String) throws(StoreError) -> String {
        guard case .string(let value) = rest.remove(name) else { throw bad(name) }
        return value
    }

    mutating func integer(_ name: String) throws(StoreError) -> Int64 {
        guard case .int64(let value) = rest.remove(name) else { throw bad(name) }
        return value
    }

    mutating func timestamp(_ name: String) throws(StoreError) -> Timestamp {
        guard case .timestamp(let value) = rest.remove(name) else { throw bad(name) }
        return value
    }

    mutating func optionalString(_ name: String) throws(StoreError) -> String? {
        guard let value = rest.remove(name) else { return nil }
        guard case .string(let text) = value else { throw bad(name) }
        return text
    }

    mutating func optionalInteger(_ name: String) throws(StoreError) -> Int64? {
        guard let value = rest.remove(name) else { return nil }
        guard case .int64(let number) = value else { throw bad(name) }
        return number
    }

    mutating func optionalBinary(_ name: String) throws(StoreError) -> [UInt8]? {
        guard let value = rest.remove(name) else { return nil }
        guard case .binary(let bytes) = value else { throw bad(name) }
        return bytes
    }

    mutating func optionalTimestamp(_ name: String) throws(StoreError) -> Timestamp? {
        guard let value = rest.remove(name) else { return nil }
        guard case .timestamp(let moment) = value else { throw bad(name) }
        return moment
    }

    /// False when the property is missing.
    mutating func flag(_ name: String) throws(StoreError) -> Bool {
        guard let value = rest.remove(name) else { return false }
        guard case .boolean(let flag) = value else { throw bad(name) }
        return flag
    }

    /// The error for a property of a wrong type or size.
    func bad(_ name: String) -> StoreError {
        .corrupt("row \(key.row) of partition \(key.partition): bad or missing property \(name)")
    }
}
