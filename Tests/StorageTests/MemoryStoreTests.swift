import Storage
import StorageConformance
import Testing

struct MemoryStoreTests {
    @Test(arguments: EntityStoreConformance.cases)
    func `The memory store meets the store contract`(_ conformance: EntityStoreCase) async throws {
        try await conformance.run { MemoryStore() }
    }

    @Test
    func `A full memory store refuses inserts and accepts deletes`() async throws {
        let store = MemoryStore(entitiesMax: 2)
        let keys = ["a", "b", "c"].map { EntityKey(partition: "p", row: $0) }
        _ = try await store.transact(
            partition: "p", [.insert(keys[0], [:]), .insert(keys[1], [:])])
        await #expect {
            try await store.transact(partition: "p", [.insert(keys[2], [:])])
        } throws: { error in
            guard case StoreError.unavailable = error else { return false }
            return true
        }
        _ = try await store.transact(
            partition: "p", [.delete(keys[0], ifMatch: nil), .insert(keys[2], [:])])
        #expect(try await store.get(keys[2]) != nil)
    }

    @Test(arguments: ["", "/", "a", "a/", "/a", "a/b/c", "a/b#", "a\u{7F}/b", "a//b"])
    func `A continuation that no scan made is refused`(_ text: String) async throws {
        await #expect(throws: StoreError.self) {
            try await MemoryStore().scan(after: EntityContinuation(text), limit: 1)
        }
    }
}
