import Storage

extension EntityStoreConformance {
    static let updateCases = [
        EntityStoreCase("An update is given what is there, and stores what it makes of it") {
            store in
            let etag = try await store.insert(EntityKey("a"), ["n": .int64(1)])
            try await store.update(partition: "p", rows: ["a", "none"]) { entities in
                guard entities.count == 2, let entity = entities[0], entities[1] == nil,
                    entity.key == EntityKey("a"), entity.etag == etag
                else { return [] }
                return [
                    .replace(EntityKey("a"), ["n": .int64(2)], ifMatch: etag),
                    .insert(EntityKey("none"), ["n": .int64(3)]),
                ]
            }
            let (changed, next) = try await store.existing(EntityKey("a"))
            try expect(changed.properties == ["n": .int64(2)] && next != etag, "it is replaced")
            let added = try await store.existing(EntityKey("none")).entity
            try expect(added.properties == ["n": .int64(3)], "it is inserted")
        },
        EntityStoreCase("An update without operations leaves all as it is") { store in
            let etag = try await store.insert(EntityKey("a"))
            try await store.update(partition: "p", rows: ["a"]) { _ in [] }
            let after = try await store.existing(EntityKey("a")).etag
            try expect(after == etag, "the version stays")
        },
        EntityStoreCase("An update whose decision or condition fails stores nothing") { store in
            let etag = try await store.insert(EntityKey("a"), ["n": .int64(1)])
            try await expect(.unavailable("no"), "the decision's error") {
                () async throws(StoreError) in
                try await store.update(partition: "p", rows: ["a"]) { _ throws(StoreError) in
                    throw .unavailable("no")
                }
            }
            try await expect(.alreadyExists(index: 1), "the second insert") {
                () async throws(StoreError) in
                try await store.update(partition: "p", rows: ["a"]) { _ in
                    [.insert(EntityKey("b"), [:]), .insert(EntityKey("a"), [:])]
                }
            }
            let isThere = try await store.get(EntityKey("b")) != nil
            let after = try await store.existing(EntityKey("a")).etag
            try expect(!isThere && after == etag, "nothing is stored")
            // And the store goes on.
            try await store.insert(EntityKey("c"))
        },
        EntityStoreCase("No increment of 64 updates at once is lost") { store in
            try await store.insert(EntityKey("counter"), ["n": .int64(0)])
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask { try await increment(EntityKey("counter"), by: store) }
                }
                try await group.waitForAll()
            }
            let entity = try await store.existing(EntityKey("counter")).entity
            try expect(entity.properties == ["n": .int64(64)], "\(entity.properties)")
        },
    ]

    private static func increment(_ key: EntityKey, by store: any EntityStore) async throws {
        while true {
            do {
                try await store.update(partition: key.partition, rows: [key.row]) { entities in
                    guard let entity = entities[0], let etag = entity.etag,
                        case .int64(let number) = entity.properties["n"]
                    else { return [] }
                    return [.replace(key, ["n": .int64(number + 1)], ifMatch: etag)]
                }
                return
            } catch StoreError.versionMismatch {
                continue
            }
        }
    }
}
