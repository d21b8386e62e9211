import GRDB
import Storage

/// The tables of the file, and the steps that created them.
enum SQLiteSchema {
    /// "auth" in ASCII: marks the file as ours, in its header.
    static let applicationID: Int64 = 0x6175_7468

    /// Step n brings a file of `user_version` n to n + 1. Steps are added, never changed.
    private static let steps = [
        """
        CREATE TABLE entities (
            partition TEXT NOT NULL,
            row TEXT NOT NULL,
            etag INTEGER NOT NULL,
            properties BLOB NOT NULL,
            PRIMARY KEY (partition, row)
        ) STRICT, WITHOUT ROWID
        """
    ]

    /// The `user_version` that this program reads and writes.
    static var version: Int { steps.count }

    /// Creates the tables of a new file, and brings those of an old one up to date.
    ///
    /// - Throws: `.unavailable` for a file of another program, or of a newer version of this one;
    ///   `DatabaseError`.
    static func migrate(_ database: Database, path: String) throws {
        try checkOrigin(database, path: path)
        guard try number("PRAGMA user_version", in: database) < version else { return }
        // Another process may be here too: whoever has the lock checks again.
        try database.inTransaction(.immediate) {
            try checkOrigin(database, path: path)
            let from = try number("PRAGMA user_version", in: database)
            for step in steps.dropFirst(from) {
                try database.execute(sql: step)
            }
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    /// - Throws: `.unavailable` for a file that is not of this program and a version that it knows, or
    ///   has no tables yet; `DatabaseError`.
    static func checkIsStore(_ database: Database, path: String) throws {
        try checkOrigin(database, path: path)
        guard try number("PRAGMA user_version", in: database) > 0 else {
            throw StoreError.unavailable("\(path): is empty")
        }
    }

    private static func checkOrigin(_ database: Database, path: String) throws {
        let found = try number("PRAGMA user_version", in: database)
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try number("SELECT count(*) FROM sqlite_schema", in: database)
        let isNew = application == 0 && found == 0 && tables == 0
        guard isNew || application == applicationID else {
            throw StoreError.unavailable(
                "\(path): is another program's database; name another file")
        }
        guard (0...version).contains(found) else {
            throw StoreError.unavailable(
                "\(path): has schema version \(found), and this program knows up to \(version);"
                    + " install the newer program, or restore a backup from before it with"
                    + " 'authctl admin restore'")
        }
    }

    private static func number(_ sql: String, in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: sql) ?? 0
    }
}
