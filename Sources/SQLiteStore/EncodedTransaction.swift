import GRDB
import Storage

/// A transaction on one partition, ready to be written.
struct EncodedTransaction: Sendable {
    let partition: String
    let operations: [EncodedOperation]
    /// About as much memory as it takes while it waits.
    let bytes: Int

    init(partition: String, _ operations: [EntityOperation]) {
        self.partition = partition
        self.operations = operations.map(EncodedOperation.init)
        bytes = self.operations.reduce(64 + partition.utf8.count) { $0 + $1.bytes }
    }

    var etags: [ETag?] { operations.map(\.etag) }

    /// Writes all operations, or none, inside the SQLite transaction that is open.
    ///
    /// - Throws: `StoreError` when a condition does not hold, `DatabaseError`.
    func apply(in database: Database) throws {
        // One statement is atomic by itself.
        guard operations.count > 1 else { return try applyOperations(in: database) }
        try PreparedStatement("SAVEPOINT one", in: database).run()
        do {
            try applyOperations(in: database)
        } catch {
            // SQLite has rolled everything back by itself after some errors: then there is no
            // savepoint any more, and the caller sees that no transaction is open.
            if database.isInsideTransaction {
                try PreparedStatement("ROLLBACK TO one", in: database).run()
                try PreparedStatement("RELEASE one", in: database).run()
            }
            throw error
        }
        try PreparedStatement("RELEASE one", in: database).run()
    }

    private func applyOperations(in database: Database) throws {
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .insert(let row, let properties, let version):
                let changed = try insert(row, properties, version, in: database)
                guard changed else { throw StoreError.alreadyExists(index: index) }
            case .replace(let row, let properties, let version, let ifMatch):
                let changed = try replace(row, properties, version, ifMatch, in: database)
                guard changed else { throw try missed(row, at: index, in: database) }
            case .delete(let row, let ifMatch):
                let changed = try delete(row, ifMatch, in: database)
                guard changed else { throw try missed(row, at: index, in: database) }
            }
        }
    }

    private func insert(
        _ row: String, _ properties: [UInt8], _ version: Int64, in database: Database
    ) throws -> Bool {
        let statement = try PreparedStatement(
            """
            INSERT INTO entities (partition, row, etag, properties) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING
            """, in: database)
        try statement.withKey(partition, row) { statement in
            try statement.bind(version, at: 3)
            try statement.run(binding: properties, at: 4)
        }
        return database.changesCount == 1
    }

    private func replace(
        _ row: String, _ properties: [UInt8], _ version: Int64, _ ifMatch: Int64?,
        in database: Database
    ) throws -> Bool {
        let statement = try PreparedStatement(
            """
            UPDATE entities SET etag = ?3, properties = ?4
            WHERE partition = ?1 AND row = ?2 AND etag = ?5
            """, in: database)
        try statement.withKey(partition, row) { statement in
            try statement.bind(version, at: 3)
            try statement.bind(ifMatch, at: 5)
            try statement.run(binding: properties, at: 4)
        }
        return database.changesCount == 1
    }

    private func delete(
        _ row: String, _ ifMatch: EncodedOperation.Condition, in database: Database
    ) throws -> Bool {
        let sql = "DELETE FROM entities WHERE partition = ?1 AND row = ?2"
        switch ifMatch {
        case .any:
            try PreparedStatement(sql, in: database).withKey(partition, row) { statement in
                try statement.run()
            }
        case .exactly(let version):
            let statement = try PreparedStatement(sql + " AND etag = ?3", in: database)
            try statement.withKey(partition, row) { statement in
                try statement.bind(version, at: 3)
                try statement.run()
            }
        }
        return database.changesCount == 1
    }

    /// Why a write did not find its version.
    private func missed(
        _ row: String, at index: Int, in database: Database
    ) throws -> StoreError {
        let statement = try PreparedStatement(
            "SELECT 1 FROM entities WHERE partition = ?1 AND row = ?2", in: database)
        return try statement.withKey(partition, row) { statement in
            try statement.step() ? .versionMismatch(index: index) : .notFound(index: index)
        }
    }
}
