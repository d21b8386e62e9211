import Bytes
import Glibc
import GRDB
import Storage

/// Copies a database, or checks it: long reads, on their own connection and thread so
/// that no point read waits for them.
actor SQLiteBackup {
    private let source: String
    private let options: SQLiteStoreOptions
    private let executor = QueueExecutor(label: "authd.store.backup")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    init(source: String, options: SQLiteStoreOptions) {
        self.source = source
        self.options = options
    }

    /// Writes the copy under a name that nobody can guess, syncs it, then links it to its own
    /// name: there is a whole copy or none, and nothing is ever overwritten. What killed
    /// processes left half done in the directory goes first.
    func run(to path: String) throws(StoreError) {
        let (directory, name) = try SQLiteFile.split(path)
        let path = directory == "/" ? "/" + name : directory + "/" + name
        guard access(path, F_OK) != 0 else { throw Self.exists(path) }
        PartialCopy.removeLeftovers(in: directory)
        let partial = PartialCopy.path(for: path)
        try SQLiteFile.create(partial, in: directory)
        defer { PartialCopy.remove(partial) }
        do {
            try Self.copy(from: source, to: partial, options: options)
        } catch {
            throw StoreError(sqlite: error, path: "backup of \(source) to \(path)")
        }
        guard link(partial, path) == 0 else {
            if errno == EEXIST { throw Self.exists(path) }
            throw .unavailable("\(path): can't be named: \(systemMessage(errno))")
        }
        unlink(partial)
        try SQLiteFile.synchronize(directory)
    }

    /// Checks the structure of the source.
    func checkSource() throws(StoreError) {
        do {
            let queue = try SQLiteConnection.reader(path: source, options: options)
            try queue.inDatabase { try Self.check($0) }
            try queue.close()
        } catch {
            throw StoreError(sqlite: error, path: source)
        }
    }

    /// Copies a database, as it is at this moment, into an empty file, and checks the copy.
    static func copy(
        from source: String, to partial: String, options: SQLiteStoreOptions
    ) throws {
        let from = try SQLiteConnection.reader(path: source, options: options)
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        let copy = try DatabaseQueue(path: partial, configuration: configuration)
        // In one step, within one read transaction: in several, each commit of the writer would
        // make it start over. The writer continues meanwhile.
        try from.backup(to: copy)
        try from.close()
        try copy.inDatabase { database in
            // One file, without companions: the log was switched on by the copied header.
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
            try check(database)
        }
        try copy.close()
    }

    private static func check(_ database: Database) throws {
        // Its lines can quote keys, so they go nowhere; one is enough to know.
        guard try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok" else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    private static func exists(_ path: String) -> StoreError {
        .unavailable("\(path): already exists and is not overwritten; name a new file")
    }
}
