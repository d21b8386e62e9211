import Foundation
import GRDB
import Storage
import TestSupport
import Testing

@testable import SQLiteStore

struct ErrorTests {
    private static let codes: [ResultCode] = [
        .SQLITE_ERROR, .SQLITE_PERM, .SQLITE_BUSY, .SQLITE_NOMEM, .SQLITE_READONLY, .SQLITE_IOERR,
        .SQLITE_CORRUPT, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT,
        .SQLITE_NOTADB, .SQLITE_MISUSE, .SQLITE_TOOBIG, .SQLITE_INTERRUPT, .SQLITE_IOERR_FSYNC,
    ]

    @Test(arguments: codes)
    func `An error text names the file and never contains bound values`(_ code: ResultCode) {
        let error = DatabaseError(
            resultCode: code, message: "near $2b$12$secret", sql: "SELECT '$2b$12$secret'",
            arguments: ["$2b$12$secret"], publicStatementArguments: true)
        for isCommit in [false, true] {
            let text = "\(StoreError(sqlite: error, path: "/store.db", isCommit: isCommit))"
            #expect(text.contains("/store.db:") && !text.contains("secret"), "\(text)")
        }
    }

    @Test
    func `Only an I/O error of a commit leaves the outcome unknown`() {
        for code in Self.codes {
            for isCommit in [false, true] {
                let error = StoreError(
                    sqlite: DatabaseError(resultCode: code), path: "", isCommit: isCommit)
                var isUnknown = false
                if case .unknownOutcome = error { isUnknown = true }
                #expect(isUnknown == (isCommit && code.primaryResultCode == .SQLITE_IOERR))
            }
        }
    }

    @Test
    func `An entity that cannot be decoded is reported as corrupt by its key, without its values`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "store.db")
        let store = try SQLiteStore(path: path)
        let cut = Data(PropertyCodec.encode(["v": .string("secret")]).dropLast())
        try await DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: "INSERT INTO entities VALUES ('p', 'r', 1, ?)", arguments: [cut])
        }
        let reads: [@Sendable () async throws -> Void] = [
            { _ = try await store.get(EntityKey(partition: "p", row: "r")) },
            { _ = try await store.query(partition: "p", rowPrefix: "", limit: 1) },
        ]
        for read in reads {
            let error = await #expect(throws: StoreError.self) { try await read() }
            guard case .corrupt(let text) = error else {
                Issue.record("not .corrupt")
                continue
            }
            #expect(text.contains("p/r") && text.contains(path) && !text.contains("secret"))
        }
        await store.close()
    }

    @Test func `A scan names an entity that cannot be decoded, and it can be deleted`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "store.db")
        let store = try SQLiteStore(path: path)
        let cut = Data(PropertyCodec.encode(["v": .string("secret")]).dropLast())
        let whole = Data(PropertyCodec.encode([:]))
        try await DatabaseQueue(path: path).write { database in
            for (row, properties) in [("a", whole), ("b", cut), ("c", whole)] {
                try database.execute(
                    sql: "INSERT INTO entities VALUES ('p', ?, 1, ?)",
                    arguments: [row, properties])
            }
        }
        let damaged = EntityKey(partition: "p", row: "b")
        var page = try await store.scan(after: nil, limit: 10)
        #expect(page.entities.map(\.key.row) == ["a", "c"])
        #expect(page.unreadable == [UnreadableEntity(key: damaged, reason: "it ends early")])
        page = try await store.scan(EntityFilter(rowPrefix: "c"), after: nil, limit: 10)
        #expect(page.entities.count == 1 && page.unreadable.isEmpty)
        _ = try await store.transact(partition: "p", [.delete(damaged, ifMatch: nil)])
        page = try await store.scan(after: nil, limit: 10)
        #expect(page.entities.count == 2 && page.unreadable.isEmpty)
        await store.close()
    }
}
