import SQLiteStore
import Storage
import StorageConformance
import TestSupport
import Testing

struct SQLiteStoreConformanceTests {
    @Test(arguments: EntityStoreConformance.cases)
    func `The SQLite store meets the store contract`(_ conformance: EntityStoreCase) async throws {
        let directory = try TemporaryDirectory()
        try await conformance.run { try SQLiteStore(path: directory.path(of: "store.db")) }
    }
}
