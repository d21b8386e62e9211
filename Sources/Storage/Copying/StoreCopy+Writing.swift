extension StoreCopy {
    /// Creates the target's row, or reads that of the copy being resumed.
    func begin(isResuming: Bool) async throws(StoreCopyError) -> StoreCopyMark {
        if isResuming {
            let found = try await asking(.target) { () async throws(StoreError) in
                try await target.get(StoreCopyMark.key)
            }
            guard let mark = found.flatMap({ StoreCopyMark($0) }) else { throw .nothingToResume }
            guard mark.origin == origin else { throw .otherOrigin(mark.origin) }
            return mark
        }
        try await checkIsEmpty()
        var mark = StoreCopyMark(origin: origin)
        mark.etag = try await save(mark)
        return mark
    }

    /// - Throws: `.targetNotEmpty`, `.unfinished`, `.store`.
    func checkIsEmpty() async throws(StoreCopyError) {
        let found = try await asking(.target) { () async throws(StoreError) in
            try await target.get(StoreCopyMark.key)
        }
        guard found == nil else { throw .unfinished }
        var place: EntityContinuation?
        repeat {
            let page = try await read(.target, after: place)
            guard page.entities.isEmpty else { throw .targetNotEmpty }
            place = page.next
        } while place != nil
    }

    /// Stores the target's row; its new version.
    func save(_ mark: StoreCopyMark) async throws(StoreCopyError) -> ETag? {
        let key = StoreCopyMark.key
        let operation: EntityOperation =
            mark.etag.map { .replace(key, mark.properties, ifMatch: $0) }
            ?? .insert(key, mark.properties)
        return try await asking(.target) { () async throws(StoreError) in
            try await target.transact(partition: key.partition, [operation])[0]
        }
    }

    /// Removes the target's row: the copy is complete.
    func end(_ mark: StoreCopyMark) async throws(StoreCopyError) {
        let key = StoreCopyMark.key
        try await asking(.target) { () async throws(StoreError) in
            _ = try await target.transact(
                partition: key.partition, [.delete(key, ifMatch: mark.etag)])
        }
    }

    /// Inserts the entities of a page. Existing ones must be the same: a copy that stopped
    /// may have done this page, or part of it.
    func insert(_ entities: [Entity]) async throws(StoreCopyError) {
        let batches = StoreCopy.batches(of: entities)
        for start in stride(from: 0, to: batches.count, by: StoreCopy.concurrency) {
            let some = batches.dropFirst(start).prefix(StoreCopy.concurrency)
            let results = await withTaskGroup(of: Result<Void, StoreCopyError>.self) { group in
                for batch in some { group.addTask { await result(of: batch) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for result in results { try result.get() }
        }
    }

    private func result(of batch: [Entity]) async -> Result<Void, StoreCopyError> {
        do throws(StoreCopyError) {
            return .success(try await insert(batch: batch))
        } catch {
            return .failure(error)
        }
    }

    private func insert(batch: [Entity]) async throws(StoreCopyError) {
        if try await isInserted(batch) { return }
        for entity in batch where try await !isInserted([entity]) {
            let found = try await asking(.target) { () async throws(StoreError) in
                try await target.get(entity.key)
            }
            guard found?.properties == entity.properties else { throw .differs(entity.key) }
        }
    }

    /// False when one of the entities already exists, and none was inserted.
    private func isInserted(_ batch: [Entity]) async throws(StoreCopyError) -> Bool {
        let operations = batch.map { EntityOperation.insert($0.key, $0.properties) }
        do throws(StoreError) {
            _ = try await target.transact(partition: batch[0].key.partition, operations)
            return true
        } catch {
            guard case .alreadyExists = error else { throw .store(isTarget: true, error) }
            return false
        }
    }

    /// Neighbors in one partition, as many as fit a transaction.
    private static func batches(of entities: [Entity]) -> [[Entity]] {
        var batches: [[Entity]] = []
        var bytes = 0
        for entity in entities {
            let size = EntityLimits.entityBytes(key: entity.key, properties: entity.properties)
            let isNeighbour =
                batches.last?.first.map {
                    $0.key.partition.utf8.elementsEqual(entity.key.partition.utf8)
                } ?? false
            if isNeighbour, bytes + size <= EntityLimits.transactionBytesMax,
                batches[batches.count - 1].count < EntityLimits.operationsMax
            {
                batches[batches.count - 1].append(entity)
                bytes += size
            } else {
                batches.append([entity])
                bytes = size
            }
        }
        return batches
    }

    /// Compares every entity of the source with the target's, and both counts.
    func verify(
        _ total: Int, _ report: (StoreCopyProgress) -> Void
    ) async throws(StoreCopyError) {
        var count = 0
        var place: EntityContinuation?
        repeat {
            let page = try await read(.source, after: place)
            let found = try await asking(.target) { () async throws(StoreError) in
                try await target.get(page.entities.map(\.key))
            }
            for (entity, copy) in zip(page.entities, found)
            where copy?.properties != entity.properties {
                throw .differs(entity.key)
            }
            count += page.entities.count
            place = page.next
            report(StoreCopyProgress(phase: .verifying, count: count, total: total))
        } while place != nil
        let targetCount = try await self.count(of: .target) { _ in }
        guard count == targetCount else {
            throw .countsDiffer(source: count, target: targetCount)
        }
    }
}
