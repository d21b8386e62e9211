import Storage
import Synchronization
import TestSupport
import Testing

/// Everything of one store in another one.
struct StoreCopyTests {
    private static func copy(
        from source: any EntityStore, to target: any EntityStore, origin: String = "a"
    ) -> StoreCopy {
        StoreCopy(from: source, to: target, origin: origin, leavingOut: ["own"])
    }

    /// A store with partitions of many sizes, and values of every type.
    private static func filled() async throws -> MemoryStore {
        let store = MemoryStore()
        for (number, rowCount) in [1, 2, 99, 100, 101, 1, 1, 250].enumerated() {
            for start in stride(from: 0, to: rowCount, by: 100) {
                let operations = (start..<min(start + 100, rowCount)).map { row in
                    EntityOperation.insert(
                        EntityKey(partition: "p\(number)", row: "r\(1_000 + row)"),
                        [
                            "text": .string("é\(row)"), "number": .int64(Int64(row)),
                            "yes": .boolean(true), "half": .double(0.5),
                            "bytes": .binary([UInt8(row & 0xFF)]),
                            "moment": .timestamp(Timestamp(microseconds: Int64(row))),
                        ])
                }
                _ = try await store.transact(partition: "p\(number)", operations)
            }
        }
        let others = ["own", "Users"].map { EntityKey(partition: $0, row: "ada@example.com") }
        for key in others {
            _ = try await store.transact(partition: key.partition, [.insert(key, [:])])
        }
        return store
    }

    private static func content(
        _ store: any EntityStore
    ) async throws -> [EntityKey: EntityProperties] {
        let entities = try await store.scan(after: nil, limit: 1_000).entities
        return Dictionary(uniqueKeysWithValues: entities.map { ($0.key, $0.properties) })
    }

    private static func expectCopied(
        _ source: any EntityStore, _ target: any EntityStore
    ) async throws {
        var expected = try await content(source)
        expected[EntityKey(partition: "own", row: "ada@example.com")] = nil
        #expect(try await content(target) == expected)
    }

    @Test func `A copy has the same keys and properties, and nothing else`() async throws {
        let (source, target) = (try await Self.filled(), MemoryStore())
        let seen = Mutex<[StoreCopyProgress]>([])
        let count = try await Self.copy(from: source, to: target).run(isResuming: false) {
            progress in seen.withLock { $0.append(progress) }
        }
        #expect(count == 556)
        try await Self.expectCopied(source, target)
        let last = seen.withLock { $0 }
        #expect(last.last == StoreCopyProgress(phase: .verifying, count: 556, total: 556))
        #expect(last.contains(StoreCopyProgress(phase: .copying, count: 556, total: 556)))
    }

    @Test func `A copy that is interrupted at any point can be resumed and completes`() async throws
    {
        let source = try await Self.filled()
        for callCount in 0... {
            let target = MemoryStore()
            let stopping = StoppingStore(target, after: callCount)
            _ = try? await Self.copy(from: source, to: stopping).run(isResuming: false) { _ in }
            guard stopping.hasStopped else {
                try await Self.expectCopied(source, target)
                break
            }
            let copy = Self.copy(from: source, to: target)
            do throws(StoreCopyError) {
                _ = try await copy.run(isResuming: false) { _ in }
            } catch {
                #expect(error == .unfinished)
                _ = try await copy.run(isResuming: true) { _ in }
            }
            try await Self.expectCopied(source, target)
        }
    }

    @Test func `A target that is in use or holds another copy is refused and left unchanged`()
        async throws
    {
        let source = try await Self.filled()
        let copy = { Self.copy(from: source, to: $0, origin: $1) }
        let used = MemoryStore()
        let key = EntityKey(partition: "x", row: "y")
        _ = try await used.transact(partition: "x", [.insert(key, [:])])
        let refusals: [(MemoryStore, String, Bool, StoreCopyError)] = [
            (used, "a", false, .targetNotEmpty), (MemoryStore(), "a", true, .nothingToResume),
            (try await Self.begun(source), "b", true, .otherOrigin("a")),
            (try await Self.begun(source), "a", false, .unfinished),
        ]
        for (target, origin, isResuming, expected) in refusals {
            let before = try await Self.content(target)
            await #expect(throws: expected) {
                try await copy(target, origin).run(isResuming: isResuming) { _ in }
            }
            #expect(try await Self.content(target) == before)
        }
        await #expect(throws: StoreCopyError.targetNotEmpty) {
            try await copy(used, "a").dryRun { _ in }
        }
    }

    @Test func `A dry run counts and writes nothing`() async throws {
        let target = MemoryStore()
        let copy = Self.copy(from: try await Self.filled(), to: target)
        #expect(try await copy.dryRun { _ in } == 556)
        #expect(try await Self.content(target).isEmpty)
    }

    @Test func `Verification detects changed, missing and additional rows`() async throws {
        for damage in 0..<3 {
            let source = try await Self.filled()
            let target = MemoryStore()
            let hooked = HookedStore(target)
            // Behind the last page, before the mark says that all is copied.
            let key = EntityKey(partition: "p7", row: "r1000")
            hooked.beforeNextTransaction(skipping: 20) {
                let entity = try? await target.get(key)
                guard let etag = entity?.etag else { return }
                let operation: EntityOperation =
                    switch damage {
                    case 0: .replace(key, ["text": .string("other")], ifMatch: etag)
                    case 1: .delete(key, ifMatch: etag)
                    default: .insert(EntityKey(partition: "p7", row: "z"), [:])
                    }
                _ = try? await target.transact(partition: "p7", [operation])
            }
            let error = await #expect(throws: StoreCopyError.self) {
                try await Self.copy(from: source, to: hooked).run(isResuming: false) { _ in }
            }
            switch error {
            case .differs(let found): #expect(damage < 2 && found == key)
            case .countsDiffer(let one, let other): #expect(damage == 2 && one + 1 == other)
            default: Issue.record("found something else: \(String(describing: error))")
            }
        }
    }

    @Test func `Rows too large together for one transaction are copied in several`() async throws {
        let (source, target) = (MemoryStore(), MemoryStore())
        for number in 0..<30 {
            let key = EntityKey(partition: "Users", row: "user\(10 + number)@example.com")
            let text = String(repeating: "x", count: 25_000)
            _ = try await source.transact(
                partition: key.partition, [.insert(key, ["text": .string(text)])])
        }
        let copy = Self.copy(from: source, to: target)
        #expect(try await copy.run(isResuming: false) { _ in } == 30)
        #expect(try await Self.content(target) == Self.content(source))
    }

    @Test func `A row that no store accepts is reported, also by a dry run, and never written`()
        async throws
    {
        let long = String(repeating: "k", count: 300)
        var many = EntityProperties()
        for number in 0..<252 { many["n\(number)"] = .boolean(true) }
        let foreign: [(Entity, String)] = [
            (Self.entity("a", "", [:]), "row key"), (Self.entity("", "a", [:]), "partition key"),
            (Self.entity("a", long, [:]), "row key"),
            (Self.entity("a", "b", ["größe": .int64(1)]), "größe"),
            (Self.entity("a", "b", many), "250 properties"),
        ]
        for (entity, problem) in foreign {
            let target = MemoryStore()
            let copy = Self.copy(from: ForeignStore([entity]), to: target)
            let copying: [(Bool, () async throws -> Int)] = [
                (false, { try await copy.dryRun { _ in } }),
                (true, { try await copy.run(isResuming: false) { _ in } }),
                (true, { try await copy.run(isResuming: true) { _ in } }),
            ]
            for (hasBegun, run) in copying {
                let error = await #expect(throws: StoreCopyError.self) { _ = try await run() }
                guard case .unsuitable(let key, let text) = error else {
                    Issue.record("\(problem): \(String(describing: error))")
                    continue
                }
                #expect(key == entity.key && text.contains(problem))
                #expect(try await Self.content(target).count == (hasBegun ? 1 : 0))
            }
        }
    }

    private static func entity(
        _ partition: String, _ row: String, _ properties: EntityProperties
    ) -> Entity {
        Entity(key: EntityKey(partition: partition, row: row), properties: properties)
    }

    /// A target with a copy that was interrupted.
    private static func begun(_ source: any EntityStore) async throws -> MemoryStore {
        let target = MemoryStore()
        _ = try? await copy(from: source, to: StoppingStore(target, after: 6)).run(
            isResuming: false
        ) { _ in }
        return target
    }

    @Test func `A row that cannot be read is named and stops a copy, unless it is left out`()
        async throws
    {
        let source = DamagedStore(try await Self.filled())
        source.damage(EntityKey(partition: "own", row: "ada@example.com"))
        let target = MemoryStore()
        #expect(try await Self.copy(from: source, to: target).dryRun { _ in } == 556)
        source.damage(EntityKey(partition: "p0", row: "r1000"))
        let error = await #expect(throws: StoreCopyError.self) {
            try await Self.copy(from: source, to: target).run(isResuming: false) { _ in }
        }
        #expect(
            error
                == .store(isTarget: false, .corrupt("the entity p0/r1000: it is damaged")))
    }
}
