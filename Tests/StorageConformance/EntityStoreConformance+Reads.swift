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
