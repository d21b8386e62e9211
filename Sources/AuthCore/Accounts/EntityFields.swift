import Storage

/// Takes the properties of a stored row one by one, typed; the rest is unknown to us.
///
/// The row's own list is not changed: each name that is taken sets a bit.
struct EntityFields {
    private let key: EntityKey
    private let properties: EntityProperties
    /// A bit for each property, set once it is taken; as many as every store's properties need.
    private var taken = InlineArray<4, UInt64>(repeating: 0)

    /// - Throws: `.corrupt` when there are more than 256 properties, which is more than any store's
    ///   limit.
    init(_ entity: Entity) throws(StoreError) {
        guard entity.properties.count <= taken.count * UInt64.bitWidth else {
            throw .corrupt(
                "row \(entity.key.row) of partition \(entity.key.partition): too many properties")
        }
        key = entity.key
        properties = entity.properties
    }

    /// The properties that were not taken.
    var rest: EntityProperties {
        var rest = EntityProperties()
        for (index, property) in properties.enumerated() where !isTaken(index) {
            _ = rest.append(property.name, property.value)
        }
        return rest
    }

    private func isTaken(_ index: Int) -> Bool {
        taken[index / UInt64.bitWidth] & 1 << (index % UInt64.bitWidth) != 0
    }

    private mutating func take(_ name: String) -> EntityProperty? {
        guard let index = properties.index(of: name), !isTaken(index) else { return nil }
        taken[index / UInt64.bitWidth] |= 1 << (index % UInt64.bitWidth)
        return properties[index].value
    }

    mutating func string(_ name: String) throws(StoreError) -> String {
        guard case .string(let value) = take(name) else { throw bad(name) }
        return value
    }

    mutating func integer(_ name: String) throws(StoreError) -> Int64 {
        guard case .int64(let value) = take(name) else { throw bad(name) }
        return value
    }

    /// A number that goes up by one at a time from 0: it is corrupt where no step is left.
    mutating func counter(_ name: String) throws(StoreError) -> Int64 {
        let value = try integer(name)
        guard (0..<Int64.max).contains(value) else { throw bad(name) }
        return value
    }

    /// The same; 0 when the property is missing.
    mutating func optionalCounter(_ name: String) throws(StoreError) -> Int64 {
        guard let value = try optionalInteger(name) else { return 0 }
        guard (0..<Int64.max).contains(value) else { throw bad(name) }
        return value
    }

    mutating func timestamp(_ name: String) throws(StoreError) -> Timestamp {
        guard case .timestamp(let value) = take(name) else { throw bad(name) }
        return value
    }

    mutating func optionalString(_ name: String) throws(StoreError) -> String? {
        guard let value = take(name) else { return nil }
        guard case .string(let text) = value else { throw bad(name) }
        return text
    }

    mutating func optionalInteger(_ name: String) throws(StoreError) -> Int64? {
        guard let value = take(name) else { return nil }
        guard case .int64(let number) = value else { throw bad(name) }
        return number
    }

    mutating func optionalBinary(_ name: String) throws(StoreError) -> [UInt8]? {
        guard let value = take(name) else { return nil }
        guard case .binary(let bytes) = value else { throw bad(name) }
        return bytes
    }

    mutating func optionalTimestamp(_ name: String) throws(StoreError) -> Timestamp? {
        guard let value = take(name) else { return nil }
        guard case .timestamp(let moment) = value else { throw bad(name) }
        return moment
    }

    /// False when the property is missing.
    mutating func flag(_ name: String) throws(StoreError) -> Bool {
        guard let value = take(name) else { return false }
        guard case .boolean(let flag) = value else { throw bad(name) }
        return flag
    }

    /// The error for a property of a wrong type or size.
    func bad(_ name: String) -> StoreError {
        .corrupt("row \(key.row) of partition \(key.partition): bad or missing property \(name)")
    }
}
