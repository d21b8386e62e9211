import GRDB
import Storage

/// What a caller wants the writer to do, inside an open SQLite transaction.
enum PendingWrite: Sendable {
    /// Operations that are ready.
    case transaction(EncodedTransaction)
    /// Operations derived from what is stored.
    case update(StoredUpdate)

    /// About as much memory as it takes while it waits.
    var bytes: Int {
        switch self {
        case .transaction(let transaction): transaction.bytes
        case .update(let update): update.bytes
        }
    }

    /// Writes all operations, or none.
    ///
    /// - Parameters:
    ///   - database: the connection that writes.
    ///   - path: the file, for error texts.
    /// - Returns: the new version for each operation of a transaction; nil for a delete.
    /// - Throws: `StoreError`, `DatabaseError`.
    func apply(in database: Database, path: String) throws -> [ETag?] {
        switch self {
        case .transaction(let transaction):
            try transaction.apply(in: database)
            return transaction.etags
        case .update(let update):
            try update.transaction(in: database, path: path)?.apply(in: database)
            return []
        }
    }
}

/// Rows of a partition, and the decision about them.
struct StoredUpdate: Sendable {
    let partition: String
    let rows: [String]
    let decide: @Sendable ([Entity?]) throws(StoreError) -> [EntityOperation]

    var bytes: Int { rows.reduce(64 + partition.utf8.count) { $0 + $1.utf8.count } }

    /// Reads the rows and calls the decision: nil for no change.
    func transaction(in database: Database, path: String) throws -> EncodedTransaction? {
        let entities = try rows.map { row in
            try EntityRow.entity(
                EntityKey(partition: partition, row: row), in: database, path: path)
        }
        let operations = try decide(entities)
        guard !operations.isEmpty else { return nil }
        if let violation = EntityLimits.violation(partition: partition, operations: operations) {
            throw StoreError.corrupt(violation)
        }
        return EncodedTransaction(partition: partition, operations)
    }
}
