import GRDB
import Storage

/// Reads rows of the table.
enum EntityRow {
    /// Reads one row.
    ///
    /// - Parameters:
    ///   - key: names the row.
    ///   - database: the connection.
    ///   - path: the file, for error texts.
    /// - Returns: the entity, or nil if there is none.
    /// - Throws: `StoreError.corrupt`, `DatabaseError`.
    static func entity(_ key: EntityKey, in database: Database, path: String) throws -> Entity? {
        let statement = try PreparedStatement(
            "SELECT etag, properties FROM entities WHERE partition = ?1 AND row = ?2",
            in: database)
        return try statement.withKey(key.partition, key.row) { statement in
            guard try statement.step() else { return nil }
            return try entity(key, statement, path: path)
        }
    }

    /// The entity of a row whose first columns are the etag and the properties.
    static func entity(
        _ key: EntityKey, _ statement: borrowing PreparedStatement, path: String
    ) throws -> Entity {
        do {
            return try entity(key, statement)
        } catch {
            throw StoreError.corrupt(
                "\(path): entity \(key.partition)/\(key.row): \(error.rawValue)")
        }
    }

    /// The same, for a caller that continues without a row that can't be read.
    static func entity(
        _ key: EntityKey, _ statement: borrowing PreparedStatement
    ) throws(PropertyCodecError) -> Entity {
        Entity(
            key: key, properties: try PropertyCodec.decode(statement.bytes(at: 1)),
            etag: ETag(stored: statement.int64(at: 0)))
    }
}
