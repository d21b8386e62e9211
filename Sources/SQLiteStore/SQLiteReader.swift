import GRDB
import Storage

/// One connection that reads, on its own thread.
///
/// Each method is one SQLite read transaction, so it sees one snapshot: the last commit before it.
actor SQLiteReader {
    /// Bytes of properties after which a page of a scan ends early: a page of 1,000 of the largest
    /// entities would be a gigabyte.
    private static let pageBytesMax = 4 * 1_024 * 1_024

    /// Rows that one page of a scan looks at: a reader has other callers too.
    private static let scannedMax = EntityLimits.pageEntitiesMax

    private let path: String
    private let executor: QueueExecutor
    private var database: DatabaseQueue?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    init(path: String, database: DatabaseQueue, number: Int) {
        self.path = path
        self.database = database
        executor = QueueExecutor(label: "authd.store.reader.\(number)")
    }

    func get(partition: String, rows: [String]) throws(StoreError) -> [Entity?] {
        try get(rows.map { EntityKey(partition: partition, row: $0) })
    }

    func get(_ keys: [EntityKey]) throws(StoreError) -> [Entity?] {
        try read { database in
            // A single statement is a transaction by itself.
            guard keys.count > 1 else {
                return try keys.map { try EntityRow.entity($0, in: database, path: path) }
            }
            try PreparedStatement("BEGIN", in: database).run()
            defer { try? PreparedStatement("COMMIT", in: database).run() }
            return try keys.map { try EntityRow.entity($0, in: database, path: path) }
        }
    }

    func query(
        partition: String, rowPrefix: String, limit: Int
    ) throws(StoreError) -> [Entity] {
        try read { database in
            let statement = try PreparedStatement(
                """
                SELECT etag, properties, row FROM entities
                WHERE partition = ?1 AND row >= ?2 AND row < ?3 ORDER BY row LIMIT ?4
                """, in: database)
            try statement.bind(partition, at: 1)
            try statement.bind(rowPrefix, at: 2)
            // The last code point, which is not a character: everything with the prefix sorts
            // before it.
            try statement.bind(rowPrefix + "\u{10FFFF}", at: 3)
            try statement.bind(Int64(limit), at: 4)
            var entities: [Entity] = []
            while try statement.step() {
                let key = try self.key(partition, statement.text(at: 2))
                entities.append(try EntityRow.entity(key, statement, path: path))
            }
            return entities
        }
    }

    func scan(
        _ filter: EntityFilter, after last: EntityKey?, limit: Int
    ) throws(StoreError) -> EntityPage {
        try read { database in
            // Both forms are a range of the primary key.
            let statement = try PreparedStatement(
                filter.partition == nil
                    ? """
                    SELECT etag, properties, partition, row FROM entities
                    WHERE (partition, row) > (?1, ?2) ORDER BY partition, row LIMIT ?3
                    """
                    : """
                    SELECT etag, properties, partition, row FROM entities
                    WHERE partition = ?1 AND row > ?2 ORDER BY row LIMIT ?3
                    """, in: database)
            try statement.bind(filter.partition ?? last?.partition ?? "", at: 1)
            try statement.bind(last?.row ?? "", at: 2)
            try statement.bind(Int64(Self.scannedMax), at: 3)
            var page = EntityPage(entities: [], next: nil)
            var (bytes, scanned) = (0, 0)
            while try statement.step() {
                let key = try self.key(statement.text(at: 2), statement.text(at: 3))
                if filter.matches(key) {
                    do throws(PropertyCodecError) {
                        let entity = try EntityRow.entity(key, statement)
                        if filter.matches(entity.properties) { page.entities.append(entity) }
                    } catch {
                        page.unreadable.append(
                            UnreadableEntity(key: key, reason: error.rawValue))
                    }
                }
                bytes += statement.bytes(at: 1).count
                scanned += 1
                if page.entities.count == limit || bytes >= Self.pageBytesMax
                    || scanned == Self.scannedMax
                {
                    page.next = key.continuation
                    break
                }
            }
            return page
        }
    }

    /// Reads one row, with a key that sorts before most.
    func checkHealth() throws(StoreError) {
        try read { database in
            _ = try PreparedStatement("SELECT etag FROM entities LIMIT 1", in: database).step()
        }
    }

    func close() {
        try? database?.close()
        database = nil
    }

    private func read<Value: Sendable>(
        _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        guard let database else { throw .unavailable("\(path): the store is closed") }
        do {
            return try database.inDatabase(body)
        } catch {
            throw StoreError(sqlite: error, path: path)
        }
    }

    private nonisolated func key(_ partition: String?, _ row: String?) throws -> EntityKey {
        guard let partition, EntityLimits.isKey(partition), let row, EntityLimits.isKey(row) else {
            throw StoreError.corrupt("\(path): an entity has a malformed key")
        }
        return EntityKey(partition: partition, row: row)
    }
}
