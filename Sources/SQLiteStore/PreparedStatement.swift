import Bytes
import GRDB
import GRDBSQLite
import Storage

/// One run of a cached statement: bind, step, read columns.
///
/// GRDB compiles and caches the statement. Binding and stepping go straight to SQLite: blobs and
/// texts are bound without a copy into GRDB's values, and no copy of a secret outlives the run.
/// SQLite does not copy what every call of the daemon binds either: a key with `withKey`,
/// properties with `run(binding:at:)`.
struct PreparedStatement: ~Copyable {
    private let statement: SQLiteStatement

    /// - Throws: `DatabaseError`.
    init(_ sql: String, in database: Database) throws {
        statement = try database.cachedStatement(sql: sql).sqliteStatement
    }

    deinit {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    /// Runs the statement with a row's key as its first two parameters, which SQLite reads in
    /// place.
    ///
    /// - Parameters:
    ///   - partition: the parameter 1.
    ///   - row: the parameter 2.
    ///   - body: binds the other parameters, and steps.
    /// - Returns: what `body` returns.
    /// - Throws: `DatabaseError`, and what `body` throws.
    consuming func withKey<Result>(
        _ partition: String, _ row: String, _ body: (borrowing PreparedStatement) throws -> Result
    ) throws -> Result {
        // The end of this function resets the statement: no step comes after the texts are gone.
        let statement = self
        return try partition.withCString { start in
            try statement.check(
                sqlite3_bind_text(
                    statement.statement, 1, start, CInt(partition.utf8.count), nil))
            return try row.withCString { start in
                try statement.check(
                    sqlite3_bind_text(statement.statement, 2, start, CInt(row.utf8.count), nil))
                return try body(statement)
            }
        }
    }

    /// Binds the parameter `index`, counted from 1.
    func bind(_ text: String, at index: CInt) throws {
        // With a terminator, so that the pointer of an empty text is not null, which binds NULL.
        try text.withCString { start in
            try check(
                sqlite3_bind_text(statement, index, start, CInt(text.utf8.count), Self.copied))
        }
    }

    func bind(_ number: Int64?, at index: CInt) throws {
        if let number {
            try check(sqlite3_bind_int64(statement, index, number))
        } else {
            try check(sqlite3_bind_null(statement, index))
        }
    }

    /// Runs a statement that returns no rows with `bytes`, which are not empty, as the parameter
    /// `index`; SQLite reads them in place.
    func run(binding bytes: [UInt8], at index: CInt) throws {
        try bytes.withUnsafeBytes { buffer in
            try check(
                sqlite3_bind_blob(statement, index, buffer.baseAddress, CInt(buffer.count), nil))
            defer {
                sqlite3_reset(statement)
                sqlite3_bind_null(statement, index)
            }
            try run()
        }
    }

    /// Advances to the next row.
    ///
    /// - Returns: false when there is none.
    /// - Throws: `DatabaseError`.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// Runs a statement that returns no rows.
    func run() throws {
        while try step() {}
    }

    func int64(at column: CInt) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    /// The text of a column, or nil when it is not UTF-8.
    func text(at column: CInt) -> String? {
        guard let start = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return UTF8Validation.text(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The bytes of a column, valid until the next step.
    func bytes(at column: CInt) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(
            start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    private func check(_ code: CInt) throws {
        guard code == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// `SQLITE_TRANSIENT`: SQLite makes its own copy. The C macro is a cast Swift can't import.
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
