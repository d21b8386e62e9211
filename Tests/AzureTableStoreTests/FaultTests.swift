import AzureTableStore
import Foundation
import HTTPClient
import Storage
import TableEmulatorControl
import Testing

/// What becomes of writes and reads when the service fails in every way it can.
@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct FaultTests {
    /// Faults after which nobody knows whether a write took effect: some before the commit, some
    /// behind it.
    static let lostAnswers: [[String: any Sendable]] = [
        ["kind": "operation_timed_out", "when": "before"],
        ["kind": "operation_timed_out", "when": "after"],
        ["kind": "internal_error", "when": "after"],
        ["kind": "bad_gateway", "when": "before"], ["kind": "gateway_timeout", "when": "after"],
        ["kind": "server_busy", "when": "before"], ["kind": "server_busy", "when": "after"],
        ["kind": "too_many_requests", "when": "before", "retry_after": 1],
        ["kind": "close", "when": "before"], ["kind": "close", "when": "after"],
        ["kind": "close", "when": "after", "reset": true], ["kind": "drop_response"],
        ["kind": "duplicate", "answer": "first"], ["kind": "duplicate", "answer": "second"],
        ["kind": "late_commit", "seconds": 0.1],
    ]

    /// The number of commits to a table that wrote or removed `row`.
    private func commits(_ fixture: AzureFixture, row: String) async throws -> Int {
        try await fixture.emulator.commits(table: fixture.table).count { commit in
            (commit["writes"] as? [[String: Any]] ?? []).contains { $0["row"] as? String == row }
        }
    }

    private func fault(
        _ fixture: AzureFixture, _ verb: String, _ fault: [String: any Sendable],
        batch: Bool = false
    ) async throws {
        try await fixture.emulator.addFault(
            match: ["table": fixture.table, "verb": verb, "batch": batch], fault: fault)
    }

    @Test(arguments: lostAnswers.indices)
    func `An insert whose response is lost is stored once and succeeds`(_ index: Int) async throws {
        let fixture = try await AzureFixture()
        let key = EntityKey(partition: "p", row: "a")
        try await fault(fixture, "POST", FaultTests.lostAnswers[index])
        let etags = try await fixture.store.transact(
            partition: "p", [.insert(key, ["v": .int64(1)])])
        #expect(try await commits(fixture, row: "a") == 1)
        let read = try await fixture.store.get(key)
        #expect(read?.etag == etags[0] && read?.properties == ["v": .int64(1)])
        // What others inserted is still a conflict.
        await #expect(throws: StoreError.alreadyExists(index: 0)) {
            try await fixture.store.transact(partition: "p", [.insert(key, ["v": .int64(2)])])
        }
        await fixture.store.close()
    }

    @Test(arguments: lostAnswers.indices)
    func `A replace whose response is lost is stored once and succeeds`(_ index: Int) async throws {
        let fixture = try await AzureFixture()
        let key = EntityKey(partition: "p", row: "a")
        let first = try await fixture.store.transact(partition: "p", [.insert(key, [:])])
        try await fault(fixture, "PUT", FaultTests.lostAnswers[index])
        let old = try #require(first[0])
        let etags = try await fixture.store.transact(
            partition: "p", [.replace(key, ["v": .int64(1)], ifMatch: old)])
        #expect(try await commits(fixture, row: "a") == 2)
        #expect(try await fixture.store.get(key)?.etag == etags[0])
        await #expect(throws: StoreError.versionMismatch(index: 0)) {
            try await fixture.store.transact(partition: "p", [.replace(key, [:], ifMatch: old)])
        }
        await fixture.store.close()
    }

    /// All but one: when a proxy sends a delete twice and hands on the second answer, that
    /// is the answer to a delete of what is not there, and callers take it as one.
    @Test(
        arguments: lostAnswers.indices.filter { lostAnswers[$0]["answer"] as? String != "second" })
    func `A delete whose response is lost succeeds`(_ index: Int) async throws {
        let fixture = try await AzureFixture()
        for etagGiven in [true, false] {
            let key = EntityKey(partition: "p", row: etagGiven ? "a" : "b")
            let etag = try await fixture.store.transact(partition: "p", [.insert(key, [:])])[0]
            try await fault(fixture, "DELETE", FaultTests.lostAnswers[index])
            _ = try await fixture.store.transact(
                partition: "p", [.delete(key, ifMatch: etagGiven ? etag : nil)])
            #expect(try await fixture.store.get(key) == nil)
            #expect(try await commits(fixture, row: key.row) == 2)
        }
        await fixture.store.close()
    }

    @Test(arguments: lostAnswers.indices)
    func `A transaction whose response is lost is stored once and succeeds`(
        _ index: Int
    ) async throws {
        let fixture = try await AzureFixture()
        let kept = EntityKey(partition: "p", row: "kept")
        let gone = EntityKey(partition: "p", row: "gone")
        let new = EntityKey(partition: "p", row: "new")
        let first = try await fixture.store.transact(
            partition: "p", [.insert(kept, [:]), .insert(gone, [:])])
        let old = try #require(first[0])
        try await fault(fixture, "POST", FaultTests.lostAnswers[index], batch: true)
        let operations: [EntityOperation] = [
            .replace(kept, ["v": .int64(1)], ifMatch: old), .insert(new, [:]),
            .delete(gone, ifMatch: nil),
        ]
        let etags = try await fixture.store.transact(partition: "p", operations)
        #expect(try await commits(fixture, row: "kept") == 2)
        let found = try await fixture.store.get(partition: "p", rows: ["kept", "new", "gone"])
        #expect(found.map { $0?.etag } == etags)
        await #expect(throws: StoreError.versionMismatch(index: 0)) {
            try await fixture.store.transact(partition: "p", operations)
        }
        // Deletes alone leave nothing to find a number in.
        guard FaultTests.lostAnswers[index]["answer"] as? String != "second" else { return }
        try await fault(fixture, "POST", FaultTests.lostAnswers[index], batch: true)
        _ = try await fixture.store.transact(
            partition: "p", [.delete(kept, ifMatch: nil), .delete(new, ifMatch: nil)])
        #expect(try await fixture.store.query(partition: "p", rowPrefix: "", limit: 9).isEmpty)
        await fixture.store.close()
    }

    @Test(
        arguments: [
            ["kind": "truncate", "fraction": 0.5], ["kind": "reset", "fraction": 0.5],
            ["kind": "cut_batch", "parts": 1], ["kind": "drip", "bytes": 50, "seconds": 0.001],
        ] as [[String: any Sendable]])
    func `A transaction whose response is cut or delayed is stored once and returns its etags`(
        _ kind: [String: any Sendable]
    ) async throws {
        let fixture = try await AzureFixture()
        try await fault(fixture, "POST", kind, batch: true)
        let etags = try await fixture.store.transact(
            partition: "p",
            (0..<3).map { .insert(EntityKey(partition: "p", row: "r\($0)"), [:]) })
        let found = try await fixture.store.query(partition: "p", rowPrefix: "", limit: 9)
        #expect(found.map(\.etag) == etags && found.count == 3)
        #expect(try await commits(fixture, row: "r0") == 1)
        await fixture.store.close()
    }

    @Test
    func `A write that libcurl resends on its own is not a conflict`() async throws {
        let fixture = try await AzureFixture()
        for (number, when) in ["before", "after"].enumerated() {
            let key = EntityKey(partition: "p", row: "a\(number)")
            _ = try await fixture.store.get(key)
            try await fixture.emulator.addFault(
                match: ["table": fixture.table, "verb": "POST"],
                fault: ["kind": "close_reused", "when": when])
            let etags = try await fixture.store.transact(partition: "p", [.insert(key, [:])])
            #expect(try await fixture.store.get(key)?.etag == etags[0])
            #expect(try await commits(fixture, row: key.row) == 1)
        }
        await fixture.store.close()
    }

    @Test
    func `A write whose response is lost is recognised even after another write to the same row`()
        async throws
    {
        let fixture = try await AzureFixture()
        let key = EntityKey(partition: "p", row: "a")
        let other = try await AzureFixture(on: fixture.emulator, table: fixture.table)
        let first = try #require(
            try await fixture.store.transact(partition: "p", [.insert(key, [:])])[0])
        // The answer stays away for two seconds; the other daemon writes meanwhile.
        try await fault(fixture, "PUT", ["kind": "drop_response", "seconds": 2])
        let store = fixture.store
        async let mine = store.transact(
            partition: "p", [.replace(key, ["by": .int64(1)], ifMatch: first)])
        var seen: Entity?
        while seen?.properties["by"] == nil {
            seen = try await other.store.get(key)
        }
        let etag = try #require(seen?.etag)
        _ = try await other.store.transact(
            partition: "p", [.replace(key, ["by": .int64(2)], ifMatch: etag)])
        let mineEtag = try #require(try await mine[0])
        // Its version is over: the next write has to read first.
        await #expect(throws: StoreError.versionMismatch(index: 0)) {
            try await store.transact(partition: "p", [.replace(key, [:], ifMatch: mineEtag)])
        }
        #expect(try await store.get(key)?.properties == ["by": .int64(2)])
        await fixture.store.close()
        await other.store.close()
    }

    @Test
    func `A write that finds no answer in time is of unknown outcome`() async throws {
        let fixture = try await AzureFixture()
        try await fixture.emulator.addFault(
            match: ["table": fixture.table, "verb": "POST"],
            fault: ["kind": "drop_response", "seconds": 30], times: nil)
        let key = EntityKey(partition: "p", row: "a")
        await #expect {
            try await StoreDeadline.$current.withValue(.now + .seconds(1)) {
                _ = try await fixture.store.transact(partition: "p", [.insert(key, [:])])
            }
        } throws: { error in
            if case .unknownOutcome = error as? StoreError { true } else { false }
        }
        #expect(try await commits(fixture, row: "a") == 1)
        await fixture.store.close()
    }

    @Test
    func `A refused write whose effect cannot be checked has an unknown outcome`() async throws {
        let fixture = try await AzureFixture()
        // A proxy sends twice and hands on the second answer, which tells of the first one's effect.
        try await fault(fixture, "POST", ["kind": "duplicate", "answer": "second"])
        try await fixture.emulator.addFault(
            match: ["table": fixture.table, "verb": "GET"], fault: ["kind": "internal_error"],
            times: nil)
        let key = EntityKey(partition: "p", row: "a")
        await #expect {
            try await StoreDeadline.$current.withValue(.now + .seconds(2)) {
                _ = try await fixture.store.transact(partition: "p", [.insert(key, [:])])
            }
        } throws: { error in
            if case .unknownOutcome = error as? StoreError { true } else { false }
        }
        #expect(try await commits(fixture, row: "a") == 1)
        await fixture.store.close()
    }

    @Test(
        arguments: [
            ["kind": "server_busy"], ["kind": "internal_error"], ["kind": "bad_gateway"],
            ["kind": "close"], ["kind": "truncate", "fraction": 0.3],
            ["kind": "delay", "seconds": 0.2, "where": "before_body"],
        ] as [[String: any Sendable]])
    func `A read is retried until it succeeds`(_ kind: [String: any Sendable]) async throws {
        let fixture = try await AzureFixture()
        let key = EntityKey(partition: "p", row: "a")
        let etags = try await fixture.store.transact(partition: "p", [.insert(key, [:])])
        try await fault(fixture, "GET", kind)
        #expect(try await fixture.store.get(key)?.etag == etags[0])
        await fixture.store.close()
    }

    @Test
    func `An unavailable store fails fast and recovers once it answers`() async throws {
        let emulator = try await TableEmulator.start()
        let fixture = try await AzureFixture(on: emulator)
        try await emulator.addFault(
            match: [:], fault: ["kind": "internal_error"], times: nil, more: ["name": "down"])
        var waits: [Duration] = []
        for _ in 0..<12 {
            let start = ContinuousClock.now
            await #expect(throws: StoreError.self) { try await fixture.store.checkHealth() }
            waits.append(start.duration(to: .now))
        }
        #expect(try #require(waits.min()) < .milliseconds(50))
        try await emulator.call(.delete, "/faults")
        let end = ContinuousClock.now + .seconds(40)
        var isBack = false
        while !isBack, ContinuousClock.now < end {
            isBack = (try? await fixture.store.checkHealth()) != nil
        }
        #expect(isBack)
        await fixture.store.close()
        await emulator.stop()
    }
}
