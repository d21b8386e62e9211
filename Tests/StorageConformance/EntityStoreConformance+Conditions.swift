import Storage

extension EntityStoreConformance {
    static let conditionCases = [
        EntityStoreCase("An insert needs an absent entity") { store in
            let etag = try await store.insert(EntityKey("a"), ["v": .int64(1)])
            try await expect(.alreadyExists(index: 0), "a second insert") { () throws(StoreError) in
                try await store.insert(EntityKey("a"), ["v": .int64(2)])
            }
            let (entity, stored) = try await store.existing(EntityKey("a"))
            try expect(entity.properties == ["v": .int64(1)], "the first insert stays")
            try expect(stored == etag, "a read has the version that the write returned")
        },
        EntityStoreCase("A replace needs the very version") { store in
            let first = try await store.insert(EntityKey("a"), ["v": .int64(1), "w": .int64(1)])
            let second = try await store.replace(
                EntityKey("a"), ["v": .int64(2)], ifMatch: first)
            try await expect(.versionMismatch(index: 0), "an old version") {
                () throws(StoreError) in
                try await store.replace(EntityKey("a"), ["v": .int64(3)], ifMatch: first)
            }
            try await expect(.notFound(index: 0), "an absent entity") { () throws(StoreError) in
                try await store.replace(EntityKey("b"), [:], ifMatch: second)
            }
            let (entity, etag) = try await store.existing(EntityKey("a"))
            try expect(entity.properties == ["v": .int64(2)], "a replace leaves no old property")
            try expect(etag == second && first != second, "each write makes a new version")
        },
        EntityStoreCase("A replace by equal properties makes a new version too") { store in
            let first = try await store.insert(EntityKey("a"), ["v": .int64(1)])
            let second = try await store.replace(EntityKey("a"), ["v": .int64(1)], ifMatch: first)
            try expect(first != second, "the versions differ")
        },
        EntityStoreCase("A delete needs an entity, and the version where one is given") { store in
            let first = try await store.insert(EntityKey("a"))
            let second = try await store.replace(EntityKey("a"), ifMatch: first)
            try await expect(.versionMismatch(index: 0), "an old version") {
                () throws(StoreError) in try await store.delete(EntityKey("a"), ifMatch: first)
            }
            try await store.delete(EntityKey("a"), ifMatch: second)
            try expect(try await store.get(EntityKey("a")) == nil, "it is gone")
            try await expect(.notFound(index: 0), "a second delete") { () throws(StoreError) in
                try await store.delete(EntityKey("a"), ifMatch: second)
            }
            try await expect(.notFound(index: 0), "a delete of any version") {
                () throws(StoreError) in try await store.delete(EntityKey("a"))
            }
            try await store.insert(EntityKey("a"))
            try await store.delete(EntityKey("a"))
            try expect(try await store.get(EntityKey("a")) == nil, "any version is deleted")
        },
        EntityStoreCase("A transaction answers with a version for each write but a delete") {
            store in
            let old = try await store.insert(EntityKey("old"))
            try await store.insert(EntityKey("gone"))
            let etags = try await store.transact(
                partition: "p",
                [
                    .insert(EntityKey("new"), [:]), .delete(EntityKey("gone"), ifMatch: nil),
                    .replace(EntityKey("old"), [:], ifMatch: old),
                ])
            try expect(etags.count == 3 && etags[1] == nil, "in the order of the operations")
            try expect(etags[0] == (try await store.existing(EntityKey("new"))).etag, "insert")
            try expect(etags[2] == (try await store.existing(EntityKey("old"))).etag, "replace")
        },
        EntityStoreCase("A failed condition in the middle leaves nothing, and has its index") {
            store in
            try await checkAtomicity(store)
        },
        EntityStoreCase("A transaction takes 100 operations, and fails on the last as one") {
            store in
            let inserts = (0..<100).map { EntityOperation.insert(EntityKey("r\($0)"), [:]) }
            var etags = try await store.transact(partition: "p", inserts)
            try expect(etags.count == 100 && !etags.contains(nil), "all are written")
            var replaces = etags.enumerated().map { index, etag in
                EntityOperation.replace(
                    EntityKey("r\(index)"), ["v": .int64(1)], ifMatch: etag ?? ETag(""))
            }
            replaces[99] = .insert(EntityKey("r99"), [:])
            let operations = replaces
            try await expect(.alreadyExists(index: 99), "the last") { () throws(StoreError) in
                _ = try await store.transact(partition: "p", operations)
            }
            etags = try await store.query(partition: "p", rowPrefix: "", limit: 1_000).map(\.etag)
            try expect(etags.count == 100, "all are there still")
            let entities = try await store.query(partition: "p", rowPrefix: "r", limit: 1_000)
            try expect(entities.allSatisfy { $0.properties.isEmpty }, "none is replaced")
        },
        EntityStoreCase("No version comes back after a delete and a new insert") { store in
            var seen: Set<ETag> = []
            for round in 0..<50 {
                let first = try await store.insert(EntityKey("a"), ["v": .int64(1)])
                let second = try await store.replace(EntityKey("a"), ifMatch: first)
                try expect(seen.insert(first).inserted, "an insert's version, round \(round)")
                try expect(seen.insert(second).inserted, "a replace's version, round \(round)")
                try await store.delete(EntityKey("a"), ifMatch: second)
            }
        },
        EntityStoreCase("A partition's rows are apart from another's") { store in
            try await store.insert(EntityKey(partition: "p", row: "a"), ["v": .int64(1)])
            try await store.insert(EntityKey(partition: "q", row: "a"), ["v": .int64(2)])
            try await store.delete(EntityKey(partition: "p", row: "a"))
            let kept = try await store.get(EntityKey(partition: "q", row: "a"))
            try expect(kept?.properties == ["v": .int64(2)], "the other stays")
        },
    ]

    private static func checkAtomicity(_ store: any EntityStore) async throws {
        let kept = try await store.insert(EntityKey("kept"), ["v": .int64(1)])
        let gone = try await store.insert(EntityKey("gone"), ["v": .int64(1)])
        let before: [EntityOperation] = [
            .insert(EntityKey("new"), [:]),
            .replace(EntityKey("kept"), ["v": .int64(2)], ifMatch: kept),
            .delete(EntityKey("gone"), ifMatch: gone),
        ]
        let after = EntityOperation.insert(EntityKey("later"), [:])
        let failing: [(EntityOperation, StoreError)] = [
            (.insert(EntityKey("other"), [:]), .alreadyExists(index: 3)),
            (.replace(EntityKey("other"), [:], ifMatch: kept), .versionMismatch(index: 3)),
            (.replace(EntityKey("none"), [:], ifMatch: kept), .notFound(index: 3)),
            (.delete(EntityKey("other"), ifMatch: kept), .versionMismatch(index: 3)),
            (.delete(EntityKey("none"), ifMatch: nil), .notFound(index: 3)),
        ]
        try await store.insert(EntityKey("other"))
        for (operation, expected) in failing {
            try await expect(expected, "\(operation)") { () throws(StoreError) in
                _ = try await store.transact(partition: "p", before + [operation, after])
            }
            let rows = try await store.query(partition: "p", rowPrefix: "", limit: 10)
            try expect(
                rows.map(\.key.row) == ["gone", "kept", "other"], "nothing comes or goes")
            try expect(rows.prefix(2).map(\.etag) == [gone, kept], "nothing is replaced")
        }
    }
}
