import Storage

extension EntityStoreConformance {
    static let concurrencyCases = [
        EntityStoreCase("Of many inserts of one key at once, exactly one wins") { store in
            for round in 0..<20 {
                let winners = try await winners(of: 16) { caller throws(StoreError) in
                    try await store.insert(EntityKey("r\(round)"), ["by": .int64(caller)])
                }
                try expect(winners.count == 1, "round \(round): \(winners.count) won")
                let entity = try await store.existing(EntityKey("r\(round)")).entity
                try expect(entity.properties == ["by": .int64(winners[0])], "the winner's is kept")
            }
        },
        EntityStoreCase("Of many replaces of one version at once, exactly one wins") { store in
            var etag = try await store.insert(EntityKey("a"))
            for round in 0..<20 {
                let current = etag
                let winners = try await winners(of: 16) { caller throws(StoreError) in
                    try await store.replace(
                        EntityKey("a"), ["by": .int64(caller)], ifMatch: current)
                }
                try expect(winners.count == 1, "round \(round): \(winners.count) won")
                let (entity, next) = try await store.existing(EntityKey("a"))
                try expect(entity.properties == ["by": .int64(winners[0])], "the winner's is kept")
                etag = next
            }
        },
        EntityStoreCase("Replace and delete of one version at once: exactly one wins") { store in
            for round in 0..<20 {
                let key = EntityKey("r\(round)")
                let etag = try await store.insert(key)
                let winners = try await winners(of: 8) { caller throws(StoreError) in
                    if caller.isMultiple(of: 2) {
                        try await store.delete(key, ifMatch: etag)
                    } else {
                        try await store.replace(key, ifMatch: etag)
                    }
                }
                try expect(winners.count == 1, "round \(round): \(winners.count) won")
                let isLeft = try await store.get(key) != nil
                try expect(isLeft != winners[0].isMultiple(of: 2), "the winner's outcome is seen")
            }
        },
        EntityStoreCase("No increment of 64 callers is lost") { store in
            try await store.insert(EntityKey("counter"), ["n": .int64(0)])
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask { try await increment(EntityKey("counter"), in: store) }
                }
                try await group.waitForAll()
            }
            let entity = try await store.existing(EntityKey("counter")).entity
            try expect(entity.properties == ["n": .int64(64)], "\(entity.properties)")
        },
        EntityStoreCase("A get sees rows of one moment while a writer moves a value") { store in
            try await store.insert(EntityKey("a"), ["n": .int64(100)])
            try await store.insert(EntityKey("b"), ["n": .int64(0)])
            // As many rows between them as a get takes: time for a writer to slip in.
            let between = (3...EntityLimits.rowsMax).map { "none\($0)" }
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await moveValues(from: "a", to: "b", in: store, count: 100)
                }
                for _ in 0..<4 {
                    group.addTask {
                        var moved: Int64
                        repeat {
                            // A writer that failed never moves the last.
                            try Task.checkCancellation()
                            let rows = try await store.get(
                                partition: "p", rows: ["a"] + between + ["b"])
                            moved = number(rows[rows.count - 1])
                            try expect(number(rows[0]) + moved == 100, "the sum of both rows")
                        } while moved < 100
                    }
                }
                try await group.waitForAll()
            }
        },
        EntityStoreCase("Every caller sees what was acknowledged before") { store in
            for round in 0..<50 {
                let key = EntityKey("r\(round)")
                try await store.insert(key, ["n": .int64(1)])
                let seen = try await withThrowingTaskGroup { group in
                    for _ in 0..<4 { group.addTask { try await store.get(key) } }
                    group.addTask {
                        try await store.query(
                            partition: "p", rowPrefix: key.row, limit: 1_000
                        ).first { $0.key == key }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                try expect(!seen.contains(nil), "a read by another task, round \(round)")
            }
        },
        EntityStoreCase("Transactions on many partitions at once are each whole") { store in
            try await withThrowingTaskGroup { group in
                for caller in 0..<32 {
                    group.addTask {
                        let partition = "p\(caller)"
                        let inserts = (0..<10).map { row in
                            EntityOperation.insert(
                                EntityKey(partition: partition, row: "r\(row)"), [:])
                        }
                        // Every second one fails on its last operation.
                        let failing =
                            inserts + [
                                .delete(EntityKey(partition: partition, row: "none"), ifMatch: nil)
                            ]
                        let isFailing = caller.isMultiple(of: 2)
                        do {
                            _ = try await store.transact(
                                partition: partition, isFailing ? failing : inserts)
                            try expect(!isFailing, "\(partition) fails")
                        } catch StoreError.notFound(index: 10) {
                            try expect(isFailing, "\(partition) is written")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let entities = try await store.scanAll(limit: 1_000)
            try expect(entities.count == 160, "16 transactions of 10 rows: \(entities.count)")
        },
    ]

    /// Runs `body` for callers 0, 1, ... at once.
    ///
    /// - Returns: the callers that did not lose to another one's write.
    private static func winners(
        of count: Int64, _ body: @escaping @Sendable (Int64) async throws(StoreError) -> Void
    ) async throws -> [Int64] {
        try await withThrowingTaskGroup(of: Int64?.self) { group in
            for caller in 0..<count {
                group.addTask {
                    do {
                        try await body(caller)
                        return caller
                    } catch StoreError.alreadyExists(index: 0),
                        StoreError.versionMismatch(index: 0), StoreError.notFound(index: 0)
                    {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: []) { winners, winner in
                if let winner { winners.append(winner) }
            }
        }
    }

    private static func increment(_ key: EntityKey, in store: any EntityStore) async throws {
        while true {
            let (entity, etag) = try await store.existing(key)
            do {
                try await store.replace(key, ["n": .int64(number(entity) + 1)], ifMatch: etag)
                return
            } catch StoreError.versionMismatch {
                continue
            }
        }
    }

    private static func moveValues(
        from: String, to: String, in store: any EntityStore, count: Int64
    ) async throws {
        for _ in 0..<count {
            let (source, sourceETag) = try await store.existing(EntityKey(from))
            let (target, targetETag) = try await store.existing(EntityKey(to))
            _ = try await store.transact(
                partition: "p",
                [
                    .replace(
                        source.key, ["n": .int64(number(source) - 1)], ifMatch: sourceETag),
                    .replace(
                        target.key, ["n": .int64(number(target) + 1)], ifMatch: targetETag),
                ])
        }
    }

    @Sendable
    private static func number(_ entity: Entity?) -> Int64 {
        guard case .int64(let number) = entity?.properties["n"] else { return .min / 4 }
        return number
    }
}
