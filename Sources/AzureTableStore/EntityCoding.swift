import Bytes
import Storage

/// Entities as the table service writes them in JSON.
enum EntityCoding {
    private static let annotation = "@odata.type"

    /// An entity's JSON, with its keys and the record of its writes in it. The same value gives the
    /// same bytes.
    static func encode(
        _ key: EntityKey, _ properties: EntityProperties, _ history: WriteHistory
    ) -> [UInt8] {
        var json = JSONWriter()
        json.member("PartitionKey", key.partition)
        json.member("RowKey", key.row)
        for (name, value) in properties {
            switch value {
            case .string(let text): json.member(name, text)
            case .boolean(let value): json.member(name, value)
            case .int64(let number): json.annotated(name, "Edm.Int64", String(number))
            case .double(let number): json.annotated(name, number)
            case .binary(let bytes):
                json.annotated(name, "Edm.Binary", Base64.standard.encode(bytes))
            case .timestamp(let moment):
                json.annotated(name, "Edm.DateTime", CivilTime(moment).isoText)
            }
        }
        json.member(WriteHistory.currentName, history.current)
        if !history.earlierText.isEmpty {
            json.member(WriteHistory.earlierName, history.earlierText)
        }
        return json.finish()
    }

    /// The entity that `json` holds.
    ///
    /// What other programs may have written is read as well as it can be: an Int32 as an integer, a
    /// GUID as text. Nulls, `Timestamp` and annotations are left out.
    ///
    /// - Parameters:
    ///   - json: one entity, with or without annotations.
    ///   - etag: from the response's header, if there is one.
    /// - Returns: the entity with its version.
    /// - Throws: `.corrupt`, which names the row.
    static func decode(_ json: JSONValue, etag: String?) throws(StoreError) -> Entity {
        guard case .object(let members) = json, let key = key(json) else {
            throw .corrupt("the table service sent an entity without its keys")
        }
        let (partition, row) = (key.partition, key.row)
        guard let version = members["odata.etag"]?.text ?? etag else {
            throw .corrupt("the entity \(partition)/\(row) has no version")
        }
        var properties: EntityProperties = [:]
        for (name, value) in members where !isSystem(name) {
            let type = members[name + annotation]?.text
            guard let property = property(value, type) else {
                if value == .null { continue }
                throw .corrupt("the property \(name) of \(partition)/\(row) can't be read")
            }
            properties[name] = property
        }
        let history = WriteHistory(
            current: members[WriteHistory.currentName]?.text,
            earlier: members[WriteHistory.earlierName]?.text)
        return Entity(
            key: key, properties: properties, etag: VersionTag(version, history).etag)
    }

    /// The key of the entity that `json` holds, even if the rest can't be read; nil if there is none.
    static func key(_ json: JSONValue) -> EntityKey? {
        guard let partition = json["PartitionKey"]?.text, let row = json["RowKey"]?.text else {
            return nil
        }
        return EntityKey(partition: partition, row: row)
    }

    private static func isSystem(_ name: String) -> Bool {
        name == "PartitionKey" || name == "RowKey" || name == "Timestamp"
            || name == WriteHistory.currentName || name == WriteHistory.earlierName
            || name.hasPrefix("odata.") || name.contains("@")
    }

    private static func property(_ value: JSONValue, _ type: String?) -> EntityProperty? {
        switch (value, type) {
        case (.string(let text), "Edm.Int64"): return Int64(text).map { .int64($0) }
        case (.string(let text), "Edm.Binary"):
            return Base64.standard.decode(text).map { .binary($0) }
        case (.string(let text), "Edm.DateTime"):
            guard let moment = CivilTime(iso: text)?.timestamp,
                EntityLimits.timestamps.contains(moment)
            else { return nil }
            return .timestamp(moment)
        case (.string(let text), "Edm.Double"): return double(text).map { .double($0) }
        case (.string(let text), _): return .string(text)
        case (.boolean(let value), _): return .boolean(value)
        case (.number(let text), "Edm.Double"): return Double(text).map { .double($0) }
        case (.number(let text), _):
            return Int64(text).map { .int64($0) } ?? Double(text).map { .double($0) }
        case (.null, _), (.array, _), (.object, _): return nil
        }
    }
}

extension EntityCoding {
    /// The numbers that JSON can't express.
    fileprivate static let unwritable: [(text: String, number: Double)] = [
        ("NaN", .nan), ("Infinity", .infinity), ("-Infinity", -.infinity),
    ]

    private static func double(_ text: String) -> Double? {
        unwritable.first { $0.text == text }?.number ?? Double(text)
    }
}

extension JSONWriter {
    /// A number with the name of its type, without which a whole one would be an integer.
    fileprivate mutating func annotated(_ name: String, _ number: Double) {
        member(name + "@odata.type", "Edm.Double")
        if number.isFinite {
            member(name, number: "\(number)")
        } else {
            let text = EntityCoding.unwritable.first {
                $0.number == number || (number.isNaN && $0.number.isNaN)
            }
            member(name, text?.text ?? "NaN")
        }
    }

    /// A value as text, preceded by the name of its type.
    fileprivate mutating func annotated(_ name: String, _ type: String, _ text: String) {
        member(name + "@odata.type", type)
        member(name, text)
    }
}
