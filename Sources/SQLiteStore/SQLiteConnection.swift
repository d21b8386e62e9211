import CSQLiteSettings
import GRDB
import Storage

/// Opens connections to the file, each with the settings that the store relies on.
enum SQLiteConnection {
    /// KiB of pages that the writer caches: the interior pages of a table of millions.
    private static let writerCacheKiB = 1_024
    /// KiB of pages that a reader caches. The kernel caches the file; this only saves the calls
    /// for the upper pages of the tree, and an idle daemon has 8 MiB for everything.
    private static let readerCacheKiB = 512
    /// Bytes that the write-ahead log may keep after a checkpoint.
    private static let logBytesMax = 4 * 1_024 * 1_024

    /// Done once, before the first connection is opened.
    private static let settings: Void = csqlitesettings_count_no_memory()

    /// The connection that writes; it creates or updates the tables.
    ///
    /// - Throws: `StoreError` and `DatabaseError`.
    static func writer(path: String, options: SQLiteStoreOptions) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(
            path: path,
            configuration: configuration(
                readonly: false, lockMillisecondsMax: options.lockMillisecondsMax))
        try queue.inDatabase { database in
            // Deleted data is overwritten with zeros, in the file and its free pages.
            try expect("PRAGMA secure_delete = ON", "1", in: database, path: path)
            try expect("PRAGMA journal_mode = WAL", "wal", in: database, path: path)
            // Each commit is synced before it returns: 2 is FULL.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try expect("PRAGMA synchronous", "2", in: database, path: path)
            try database.execute(sql: "PRAGMA cache_size = -\(writerCacheKiB)")
            _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = \(logBytesMax)")
            if let fileBytesMax = options.fileBytesMax {
                let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
                _ = try Int.fetchOne(
                    database, sql: "PRAGMA max_page_count = \(max(1, fileBytesMax / pageBytes))")
            }
            try SQLiteSchema.migrate(database, path: path)
        }
        return queue
    }

    /// A connection that can't write. The file already has its tables.
    ///
    /// - Throws: `DatabaseError`.
    static func reader(path: String, options: SQLiteStoreOptions) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(
            path: path,
            configuration: configuration(
                readonly: true, lockMillisecondsMax: options.lockMillisecondsMax))
        try queue.inDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -\(readerCacheKiB)")
        }
        return queue
    }

    private static func configuration(
        readonly: Bool, lockMillisecondsMax: Int
    ) -> Configuration {
        _ = settings
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.busyMode = .timeout(Double(lockMillisecondsMax) / 1_000)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // The file may have been tampered with: no function runs because its schema says so,
            // and a page's cells are checked before they are used.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
            // Nothing of what is stored goes to a file in /tmp.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func expect(
        _ sql: String, _ expected: String, in database: Database, path: String
    ) throws {
        let value = try String.fetchOne(database, sql: sql)
        guard value == expected else {
            throw StoreError.unavailable(
                "\(path): SQLite refused `\(sql)`; the file system may lack shared memory or locks")
        }
    }
}
