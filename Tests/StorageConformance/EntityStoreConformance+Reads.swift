import Storage

extension EntityStoreConformance {
    static let readCases = [
        EntityStoreCase("A get answers in the order asked, nil for what is not there") { store in
            try await store.insert(EntityKey("a"), ["v": .string("a")])
            try await store.insert(EntityKey("b"), ["v": .string("b")])
            let found = try await store.get(partition: "p", rows: ["b", "none", "a", "b"])
            try expect(found.map(\.?.key.row) == ["b", nil, "a", "b"], "order")
            try expect(try await store.get(partition: "p", rows: []).isEmpty, "no rows")
            try expect(try await store.get(partition: "q", rows: ["a"]) == [nil], "no partition")
        },
        EntityStoreCase("A get of several partitions answers in the order asked") { store in
            let keys = [("p", "a"), ("q", "a"), ("p", "b"), ("Users", "ada@example.com")].map {
                EntityKey(partition: $0, row: $1)
            }
            for key in keys { try await store.insert(key, ["of": .string(key.partition)]) }
            let asked = [keys[3], EntityKey("none"), keys[1], keys[0], keys[3], keys[2]]
            let found = try await store.get(asked)
            try expect(
                found.map(\.?.key) == asked.map { $0.row == "none" ? nil : $0 }, "the entities")
            for entity in found.compactMap({ $0 }) {
                try expect(entity == (try await store.get(entity.key)), "as one by one")
            }
            try expect(try await store.get([EntityKey]()).isEmpty, "no keys")
            let many = (0..<100).map { EntityKey(partition: "m\($0)", row: "r") }
            try await store.insert(many[99])
            try expect(
                try await store.get(many).map { $0 != nil } == many.map { $0 == many[99] },
                "a hundred")
        },
        EntityStoreCase("A query has the rows of a prefix, in byte order, up to its limit") {
            store in
            let rows = ["s_1", "s_10", "s_2", "s_A", "s_a", "s_zz", "s", "s-1", "t", "account"]
            for row in rows { try await store.insert(EntityKey(row)) }
            try await store.insert(EntityKey(partition: "q", row: "s_1"))
            for prefix in ["", "s", "s_", "s_1", "s_z", "s_zzz", "t", "u", "account"] {
                let expected = rows.filter { $0.hasPrefix(prefix) }.sorted {
                    $0.utf8.lexicographicallyPrecedes($1.utf8)
                }
                for limit in [1, 2, max(1, expected.count), 1_000] {
                    let found = try await store.query(
                        partition: "p", rowPrefix: prefix, limit: limit)
                    try expect(
                        found.map(\.key.row) == Array(expected.prefix(limit)),
                        "prefix '\(prefix)', limit \(limit)")
                    try expect(found.allSatisfy { $0.etag != nil }, "with versions")
                }
            }
        },
        EntityStoreCase("A scan has every entity once, in order, at every page size") { store in
            var keys: [EntityKey] = []
            for partition in ["a", "a-", "b", "B"] {
                for row in ["1", "10", "2"] {
                    keys.append(EntityKey(partition: partition, row: row))
                }
            }
            for key in keys.shuffled() { try await store.insert(key) }
            keys.sort { left, right in
                left.partition == right.partition
                    ? left.row.utf8.lexicographicallyPrecedes(right.row.utf8)
                    : left.partition.utf8.lexicographicallyPrecedes(right.partition.utf8)
            }
            for limit in 1...keys.count + 1 {
                let found = try await store.scanAll(limit: limit)
                try expect(found.map(\.key) == keys, "pages of \(limit)")
                try expect(found.allSatisfy { $0.etag != nil }, "with versions")
            }
        },
        EntityStoreCase("A filtered scan has what matches, at every page size") { store in
            let now = Timestamp(seconds: 1_795_000_000)
            let values: [EntityProperty?] = [
                nil, .timestamp(now), .timestamp(now.advanced(by: .microseconds(-1))),
                .timestamp(now.advanced(by: .microseconds(1))), .string("2020"), .int64(0),
            ]
            var entities: [Entity] = []
            for partition in ["Users", "p", "q"] {
                for row in ["account", "s_", "s_1", "s_2", "t", "ada@example.com"] {
                    for (number, value) in values.enumerated() {
                        let key = EntityKey(partition: partition, row: row + "-\(number)")
                        let properties = value.map { ["expiresAt": $0] as EntityProperties } ?? [:]
                        let etag = try await store.insert(key, properties)
                        entities.append(Entity(key: key, properties: properties, etag: etag))
                    }
                }
            }
            let filters = [
                EntityFilter(partition: "p"), EntityFilter(rowPrefix: "s_"),
                EntityFilter(rowPrefix: "s_", earlier: .init("expiresAt", than: now)),
                EntityFilter(partition: "Users", rowPrefix: "ada@"),
                EntityFilter(partition: "none"), EntityFilter(rowPrefix: "none"),
                EntityFilter(earlier: .init("never", than: now)), .all,
            ]
            for filter in filters {
                let expected = entities.filter {
                    filter.matches($0.key) && filter.matches($0.properties)
                }
                for limit in [1, 2, 7, 1_000] {
                    let found = try await store.scanAll(filter, limit: limit)
                    try expect(
                        Dictionary(grouping: found, by: \.key)
                            == Dictionary(grouping: expected, by: \.key),
                        "\(filter), pages of \(limit)")
                }
            }
        },
        EntityStoreCase("A scan looks at a bounded number of entities") { store in
            for start in stride(from: 0, to: 2_100, by: 100) {
                _ = try await store.transact(
                    partition: "p",
                    (start..<start + 100).map {
                        .insert(EntityKey("r\(10_000 + $0)"), ["n": .int64(Int64($0))])
                    })
            }
            try await store.insert(EntityKey("t"))
            for filter in [EntityFilter(rowPrefix: "t"), EntityFilter(partition: "q")] {
                let found = try await store.scanAll(filter, limit: 1)
                try expect(found.count == (filter.partition == nil ? 1 : 0), "what matches")
            }
            try expect(try await store.scanAll(limit: 1_000).count == 2_101, "all of them")
        },
        EntityStoreCase("A scan of an empty store is empty") { store in
            try expect(try await store.scanAll(limit: 10).isEmpty, "no entities")
        },
        EntityStoreCase("A scan goes on behind an entity that was deleted meanwhile") { store in
            for row in ["a", "b", "c"] { try await store.insert(EntityKey(row)) }
            let first = try await store.scan(after: nil, limit: 1)
            guard let last = first.entities.last else {
                throw ConformanceFailure(description: "a first page of a small store is not empty")
            }
            try await store.delete(last.key)
            var rest: [String] = []
            var next = first.next
            while let continuation = next {
                let page = try await store.scan(after: continuation, limit: 1)
                rest += page.entities.map(\.key.row)
                next = page.next
            }
            try expect(rest == ["b", "c"], "the others follow")
        },
        EntityStoreCase("A scan keeps its entities while others come and go") { store in
            let fixed = (0..<40).map { EntityKey(partition: "f\($0)", row: "fixed") }
            for key in fixed { try await store.insert(key) }
            let writer = Task {
                var round = 0
                while !Task.isCancelled {
                    let key = EntityKey(partition: "f\(round % 40)", row: "other\(round)")
                    try await store.insert(key)
                    try await store.delete(key)
                    round += 1
                }
            }
            defer { writer.cancel() }
            for limit in 1...20 {
                let found = try await store.scanAll(limit: limit).map(\.key)
                try expect(Set(found).count == found.count, "no entity comes twice")
                try expect(
                    Set(fixed).isSubset(of: found), "none that stays is missed, pages of \(limit)")
            }
            writer.cancel()
            // Its last write may have been dropped for the cancellation: that is no failure.
            _ = await writer.result
        },
        EntityStoreCase("A closed store refuses, and can be closed again") { store in
            try await store.insert(EntityKey("a"))
            try await store.checkHealth()
            await store.close()
            await store.close()
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await store.get(EntityKey("a")) },
                { _ = try await store.query(partition: "p", rowPrefix: "", limit: 1) },
                { _ = try await store.scan(after: nil, limit: 1) },
                { try await store.insert(EntityKey("b")) },
                { try await store.checkHealth() },
            ]
            for (index, call) in calls.enumerated() {
                do {
                    try await call()
                } catch StoreError.unavailable {
                    continue
                }
                throw ConformanceFailure(description: "call \(index) answers on a closed store")
            }
        },
    ]
}
