/// What every store accepts, and the checks that callers respect it.
///
/// The numbers are those of Azure Tables, the most restrictive store, so that what one store
/// accepts all accept. Sizes are counted as that service counts them: a character of a name or a
/// string is one UTF-16 code unit of two bytes.
package enum EntityLimits {
    /// Characters (UTF-16 code units) of a partition or row key.
    package static let keyCharactersMax = 255
    /// Properties of an entity. The service allows 252; two are the store's own, with which it
    /// recognizes a write whose answer was lost.
    package static let propertiesMax = 250
    /// Characters of a property's name.
    package static let nameCharactersMax = 255
    /// Bytes of one string (as UTF-16) or binary value.
    package static let valueBytesMax = 65_536
    /// Bytes of an entity, by the service's formula (`entityBytes`): 1 MiB, less 512 bytes for the
    /// two properties of the store.
    package static let entityBytesMax = 1_048_576 - 512
    /// Bytes of all entities that one transaction writes. The service accepts 4 MiB of JSON, in
    /// which a control character of two bytes takes six.
    package static let transactionBytesMax = 1_310_720
    /// Operations of a transaction.
    package static let operationsMax = 100
    /// Entities of one `get`: as many as a transaction can have written.
    package static let rowsMax = 100
    /// Entities of one query or page of a scan.
    package static let pageEntitiesMax = 1_000
    /// The moments that can be stored: 1601-01-01T00:00:00Z up to the end of the year 9999.
    package static let timestamps =
        Timestamp(seconds: -11_644_473_600)...Timestamp(microseconds: 253_402_300_799_999_999)

    /// Names that the service uses for itself, and those of the store's own properties.
    private static let reservedNames: [StaticString] = [
        "PartitionKey", "RowKey", "Timestamp", "opId", "opLog",
    ]

    private static func isReserved(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        reservedNames.contains {
            $0.utf8CodeUnitCount == name.count
                && name.elementsEqual(UnsafeBufferPointer(start: $0.utf8Start, count: name.count))
        }
    }

    /// Whether `text` can be a partition or row key.
    package static func isKey(_ text: String) -> Bool {
        !text.isEmpty && isRowPrefix(text)
    }

    /// Whether `text` can be the beginning of a row key; the empty text is a prefix of all.
    package static func isRowPrefix(_ text: String) -> Bool {
        if let isASCIIPrefix = isASCIIRowPrefix(text) { return isASCIIPrefix }
        return text.utf16.count <= keyCharactersMax && text.utf16.allSatisfy(isKeyUnit)
    }

    /// The same for ASCII, like our own keys; nil for any other text.
    private static func isASCIIRowPrefix(_ text: String) -> Bool? {
        let answer = text.utf8.withContiguousStorageIfAvailable { bytes -> Bool? in
            let isKeyUnit = isASCIIKeyUnit
            var seen: UInt8 = 0
            var areAllowed = true
            for byte in bytes {
                seen |= byte
                areAllowed = areAllowed && isKeyUnit[Int(byte & 0x7F)]
            }
            return seen < 0x80 ? areAllowed && bytes.count <= keyCharactersMax : nil
        }
        return answer ?? nil
    }

    private static let isASCIIKeyUnit = (0..<0x80).map { isKeyUnit($0) }

    private static func isKeyUnit(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x00...0x1F, 0x7F...0x9F: false  // control characters
        case 0x2F, 0x5C, 0x23, 0x3F: false  // / \ # ?
        default: true
        }
    }

    /// Whether `text` can name a property: letters, digits and `_`, no digit first.
    package static func isName(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isName($0) }
    }

    /// The same for text in UTF-8; what is allowed is ASCII.
    package static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= nameCharactersMax, !isDigit(first) else {
            return false
        }
        let isNameByte = isNameByte
        var areAllowed = true
        for byte in bytes { areAllowed = areAllowed && isNameByte[Int(byte)] }
        return areAllowed && !isReserved(bytes)
    }

    /// What breaks the contract in a transaction on `partition`, or nil. Stores throw it as
    /// `.corrupt`: it comes from a row that another program wrote, or is a bug of the caller, and
    /// neither may end a daemon that serves others.
    package static func violation(
        partition: String, operations: [EntityOperation]
    ) -> String? {
        violation(of: operations, in: partition).map { "partition \(partition): \($0)" }
    }

    private static func violation(
        of operations: [EntityOperation], in partition: String
    ) -> String? {
        guard isKey(partition) else { return "a partition key has an invalid length or character" }
        guard (1...operationsMax).contains(operations.count) else {
            return "a transaction has 1 to \(operationsMax) operations"
        }
        var keys: Set<EntityKey> = []
        var bytes = 0
        for operation in operations {
            guard operation.key.partition == partition else {
                return "a transaction must stay within one partition"
            }
            guard isKey(operation.key.row) else {
                return "a row key has an invalid length or character"
            }
            guard operations.count == 1 || keys.insert(operation.key).inserted else {
                return "a transaction may contain an entity only once"
            }
            switch operation {
            case .insert(let key, let properties), .replace(let key, let properties, _):
                if let violation = violation(key: key, properties: properties) { return violation }
                bytes += entityBytes(key: key, properties: properties)
            case .delete: break
            }
        }
        guard bytes <= transactionBytesMax else {
            return "a transaction has more than \(transactionBytesMax) bytes"
        }
        return nil
    }

    /// Why no store takes an entity, which another program may have made, or nil.
    package static func violation(_ entity: Entity) -> String? {
        for (part, text) in [("partition", entity.key.partition), ("row", entity.key.row)] {
            guard isKey(text) else { return "its \(part) key has a wrong length or character" }
        }
        return violation(key: entity.key, properties: entity.properties)
    }

    /// What breaks the contract in the arguments of a read, or nil.
    package static func violation(partition: String, rows: [String]) -> String? {
        guard isKey(partition), rows.allSatisfy(isKey) else {
            return "a key has an invalid length or character"
        }
        return rows.count <= rowsMax ? nil : "a get names at most \(rowsMax) rows"
    }

    /// What breaks the contract in the keys of a read, or nil.
    package static func violation(keys: [EntityKey]) -> String? {
        guard keys.allSatisfy({ isKey($0.partition) && isKey($0.row) }) else {
            return "a key has an invalid length or character"
        }
        return keys.count <= rowsMax ? nil : "a get names at most \(rowsMax) entities"
    }

    /// What breaks the contract in the arguments of a scan, or nil.
    package static func violation(filter: EntityFilter, limit: Int) -> String? {
        guard filter.partition.map(isKey) ?? true, isRowPrefix(filter.rowPrefix) else {
            return "a key has an invalid length or character"
        }
        if let earlier = filter.earlier {
            guard isName(earlier.property) else {
                return "a property's name has an invalid length or character"
            }
            guard timestamps.contains(earlier.moment) else {
                return "a filter's time is before 1601 or after 9999"
            }
        }
        return violation(limit: limit)
    }

    /// What breaks the contract in the arguments of a query, or nil.
    package static func violation(
        partition: String, rowPrefix: String, limit: Int
    ) -> String? {
        guard isKey(partition), isRowPrefix(rowPrefix) else {
            return "a key has an invalid length or character"
        }
        return violation(limit: limit)
    }

    /// What breaks the contract in the limit of a query or a scan, or nil.
    package static func violation(limit: Int) -> String? {
        (1...pageEntitiesMax).contains(limit) ? nil : "a limit must be 1 to \(pageEntitiesMax)"
    }

    /// The size of an entity as Azure Tables counts it: 4 bytes and the keys, then for each
    /// property 8 bytes, its name and its value, and 4 more for a value of variable length.
    package static func entityBytes(
        key: EntityKey, properties: EntityProperties
    ) -> Int {
        var bytes = 4 + 2 * (key.partition.utf16.count + key.row.utf16.count)
        for (name, value) in properties {
            bytes += 8 + 2 * name.utf16.count + valueBytes(value)
            switch value {
            case .string, .binary: bytes += 4
            case .boolean, .int64, .double, .timestamp: break
            }
        }
        return bytes
    }

    private static func violation(
        key: EntityKey, properties: EntityProperties
    ) -> String? {
        guard properties.count <= propertiesMax else {
            return "an entity has at most \(propertiesMax) properties"
        }
        for (name, value) in properties {
            guard isName(name) else {
                return "a property's name has an invalid length or character, or is reserved:"
                    + " \(name)"
            }
            guard valueBytes(value) <= valueBytesMax else {
                return "the property \(name) has more than \(valueBytesMax) bytes"
            }
            if case .timestamp(let moment) = value, !timestamps.contains(moment) {
                return "the property \(name) is before 1601 or after 9999"
            }
        }
        guard entityBytes(key: key, properties: properties) <= entityBytesMax else {
            return "an entity has more than \(entityBytesMax) bytes"
        }
        return nil
    }

    private static func valueBytes(_ value: EntityProperty) -> Int {
        switch value {
        case .string(let text): 2 * text.utf16.count
        case .binary(let bytes): bytes.count
        case .boolean: 1
        case .int64, .double, .timestamp: 8
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let isNameByte = (UInt8.min...UInt8.max).map { byte in
        isDigit(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
