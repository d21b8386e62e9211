package import Storage

/// Entities in one SQLite file: the store that needs no setup.
///
/// - Durable: a transaction returns after its commit was synced to the disk (WAL,
///   `synchronous=FULL`). Transactions waiting at the same time share one commit and its sync.
/// - Private: the file and its companions have mode 0600, and what is deleted is overwritten.
/// - Reads run on their own connections, in parallel to the writer, and see every acknowledged
///   write.
/// - Another process may use the file too: conditions are checked under SQLite's write lock, and
///   versions count up from a random one, so none repeats.
package final class SQLiteStore: EntityStore {
    private let file: SQLiteFile
    private let options: SQLiteStoreOptions
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders

    /// Opens the file at `path`, which is created if there is none. Blocks on the disk: a matter of
    /// milliseconds, at the start.
    ///
    /// - Throws: `.unavailable` when the file, a companion of it, or the directory is accessible to
    ///   others or not ours, or when the file is from another program or a newer version;
    ///   `.corrupt`. The text says what to do.
    package init(path: String, options: SQLiteStoreOptions = .init()) throws(StoreError) {
        precondition(options.readers > 0, "a store has at least one reader")
        self.options = options
        file = try SQLiteFile(preparing: path)
        let path = file.path
        do {
            writer = SQLiteWriter(
                file: file,
                database: try SQLiteConnection.writer(path: path, options: options),
                options: options)
            let connections = try (1...options.readers).map { number in
                SQLiteReader(
                    path: path,
                    database: try SQLiteConnection.reader(path: path, options: options),
                    number: number)
            }
            readers = SQLiteReaders(connections, path: path, readsMax: options.readsMax)
            // A backup may have taken its place while it was opened.
            try file.checkIsInPlace()
        } catch {
            throw StoreError(sqlite: error, path: path)
        }
    }

    /// Commits since the file was opened, each with one sync.
    package var commitCount: Int { writer.counts.commits }

    /// Transactions acknowledged since the file was opened; at least as many as commits.
    package var transactionCount: Int { writer.counts.transactions }

    /// Transactions now waiting for the writer.
    package var waitingCount: Int { writer.waitingCount }

    /// Whether the writer is now processing transactions.
    package var isWriting: Bool { writer.isWriting }

    package func get(
        partition: String, rows: [String]
    ) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(partition: partition, rows: rows) {
            throw .corrupt(violation)
        }
        return try await readers.read { reader throws(StoreError) in
            try reader.get(partition: partition, rows: rows)
        }
    }

    package func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        if let violation = EntityLimits.violation(keys: keys) { throw .corrupt(violation) }
        return try await readers.read { reader throws(StoreError) in
            try reader.get(keys)
        }
    }

    package func query(
        partition: String, rowPrefix: String, limit: Int
    ) async throws(StoreError) -> [Entity] {
        if let violation = EntityLimits.violation(
            partition: partition, rowPrefix: rowPrefix, limit: limit)
        {
            throw .corrupt(violation)
        }
        return try await readers.read { reader throws(StoreError) in
            try reader.query(partition: partition, rowPrefix: rowPrefix, limit: limit)
        }
    }

    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        if let violation = EntityLimits.violation(partition: partition, operations: operations) {
            throw .corrupt(violation)
        }
        return try await writer.write(
            .transaction(EncodedTransaction(partition: partition, operations)))
    }

    package func update(
        partition: String, rows: [String],
        _ decide: @escaping @Sendable ([Entity?]) throws(StoreError) -> [EntityOperation]
    ) async throws(StoreError) {
        if let violation = EntityLimits.violation(partition: partition, rows: rows) {
            throw .corrupt(violation)
        }
        _ = try await writer.write(
            .update(StoredUpdate(partition: partition, rows: rows, decide: decide)))
    }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        if let violation = EntityLimits.violation(filter: filter, limit: limit) {
            throw .corrupt(violation)
        }
        let last = try continuation.map { continuation throws(StoreError) in
            guard let key = EntityKey(continuation: continuation) else {
                throw .corrupt("the continuation of a scan was not made by this store")
            }
            return key
        }
        return try await readers.read { reader throws(StoreError) in
            try reader.scan(filter, after: last, limit: limit)
        }
    }

    /// Checks whether the store answers: reads a row, and checks that the file is still the one
    /// that was opened.
    ///
    /// - Throws: `.unavailable`, `.corrupt`.
    package func checkHealth() async throws(StoreError) {
        let file = file
        try await readers.read { reader throws(StoreError) in
            try file.checkIsInPlace()
            try reader.checkHealth()
        }
    }

    package func close() async {
        await readers.close()
        await writer.close()
    }

    /// Copies the database, as it is at this moment, to a new file of mode 0600 at `path`, while
    /// reads and writes go on. The copy is checked before it gets its name. One copy at a time goes to
    /// a directory: what looks like a copy that was killed is removed there.
    ///
    /// - Throws: `.unavailable` when there is a file at `path` or it can't be written;
    ///   `.corrupt` when the database is damaged.
    package func backup(to path: String) async throws(StoreError) {
        try await SQLiteBackup(source: file.path, options: options).run(to: path)
    }

    /// Reads the whole file and checks its structure, as `PRAGMA integrity_check` does.
    ///
    /// - Throws: `.corrupt` when it is damaged; `.unavailable`.
    package func checkIntegrity() async throws(StoreError) {
        try await SQLiteBackup(source: file.path, options: options).checkSource()
    }
}
