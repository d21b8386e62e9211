import AuthCore
import Bytes
import DispatchBridge
import Storage
import TestSupport
import Testing

/// Wrong passwords of users of the old application, who have no row of ours to count them in until
/// they are moved.
@Suite struct OldTableFailureTests {
    private static let email = "ada@example.com"
    private static let partition = AccountPartition(email: email).name
    private static let account = EntityKey(partition: partition, row: "account")
    private static let oldRow = EntityKey(partition: "Users", row: email)
    /// Of the fixture's password, with a low cost.
    private static let hash = "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK"

    private let context = RequestContext()
    private let store: MemoryStore
    private let clock: TestClock

    init() {
        self.init(store: MemoryStore(), clock: TestClock())
    }

    private init(store: MemoryStore, clock: TestClock) {
        self.store = store
        self.clock = clock
    }

    /// A daemon on the store.
    private func daemon(_ store: (any EntityStore)? = nil) throws -> AuthenticatorFixture {
        try .withOldTable(store ?? self.store, clock: clock)
    }

    private func insertOldRow() async throws {
        let encoded = Base64.standard.encode(Array(Self.hash.utf8))
        _ = try await store.transact(
            partition: "Users", [.insert(Self.oldRow, ["password_hash": .string(encoded)])])
    }

    private func failures() async throws -> EntityProperty? {
        try await store.get(Self.account)?.properties["passwordFailures"]
    }

    @Test func `Failures of a user who is not moved yet survive a restart and reach every daemon`()
        async throws
    {
        try await insertOldRow()
        let first = try daemon()
        #expect(await first.guess(5).allSatisfy { $0 == .wrong })
        await first.authenticator.storeFailures()
        #expect(try await failures() == .int64(5))
        #expect(try await store.get(Self.oldRow) == nil)
        for daemon in [first, try daemon(), try daemon()] {
            #expect(await daemon.attempt() == .throttled(.seconds(1)))
        }
        clock.advance(by: .seconds(1))
        #expect(await first.attempt() == .accepted)
        #expect(try await failures() == nil)
    }

    @Test func `A hundred failures disable a user of the old table until an administrator helps`()
        async throws
    {
        try await insertOldRow()
        await (try daemon()).guessPatiently(50)
        let second = try daemon()
        await second.guessPatiently(60)
        await second.authenticator.storeFailures()
        clock.advance(by: .seconds(86_400))
        let third = try daemon()
        #expect(await third.attempt() == .throttled(.seconds(900)))
        try await third.authenticator.unlock(email: Self.email, context: context)
        #expect(await third.attempt() == .accepted)
    }

    @Test(arguments: [true, false], ["192.0.2.1", nil])
    func `Users of the old table and unknown addresses are throttled identically at every failure`(
        waitsForMove: Bool, address: String?
    ) async throws {
        try await insertOldRow()
        var histories: [[Outcome]] = []
        for email in [Self.email, "unknown@example.com"] {
            // One each, because an address of a client would be stopped for both.
            let daemon = try daemon()
            var history: [Outcome] = []
            for number in 0..<130 {
                // Each wrong password is sent twice, which counts once.
                let outcome = await daemon.attempt(
                    "guess-\(number / 2)", email: email, address: address)
                history.append(outcome)
                if waitsForMove { await daemon.authenticator.storeFailures() }
                if case .throttled(let wait) = outcome { clock.advance(by: wait) }
            }
            histories.append(history)
        }
        #expect(histories[0].contains { $0.isThrottled })
        #expect(histories[0] == histories[1])
    }

    @Test func `A failed login is answered before its account is moved, yet counts at once`()
        async throws
    {
        try await insertOldRow()
        let hooked = HookedStore(store)
        let daemon = try daemon(hooked)
        let gate = Promise<Void>()
        hooked.beforeNextTransaction { await gate.value() }
        #expect(await daemon.attempt("guess-0") == .wrong)
        #expect(try await store.get(Self.account) == nil)
        #expect(await daemon.guess(5, from: 1).last == .throttled(.seconds(1)))
        gate.fulfil(())
        await daemon.authenticator.storeFailures()
        #expect(try await failures() == .int64(5))
        #expect(try await store.get(Self.oldRow) == nil)
    }

    @Test func `A guess that began before its account was moved counts like one that began after`()
        async throws
    {
        try await insertOldRow()
        let (slow, quick) = (try daemon(), try daemon())
        let release = await slow.holdHashing()
        async let first = slow.attempt("guess-0")
        try await eventually { slow.pool.queueDepth == 1 }
        #expect(await quick.attempt("other-daemon") == .wrong)
        await quick.authenticator.storeFailures()
        #expect(try await failures() == .int64(1))
        async let second = slow.attempt("guess-1")
        try await eventually { slow.pool.queueDepth == 2 }
        release()
        #expect(await [first, second] == [.wrong, .wrong])
        await slow.authenticator.storeFailures()
        #expect(try await failures() == .int64(3))
    }

    @Test func `Failures that meet another daemon's move of the account are added to it`()
        async throws
    {
        for other in [Other.guess, .login, .administrator] {
            let store = MemoryStore()
            let test = OldTableFailureTests(store: store, clock: clock)
            try await test.insertOldRow()
            let hooked = HookedStore(store)
            let (slow, quick) = (try test.daemon(hooked), try test.daemon())
            hooked.beforeNextTransaction {
                switch other {
                case .guess:
                    _ = await quick.attempt("other-daemon")
                    await quick.authenticator.storeFailures()
                case .login: _ = await quick.attempt()
                case .administrator:
                    _ = try? await quick.authenticator.account(
                        email: Self.email, context: RequestContext())
                }
            }
            #expect(await slow.attempt("guess-0") == .wrong)
            await slow.authenticator.storeFailures()
            #expect(try await test.failures() == .int64(other == .guess ? 2 : 1))
            #expect(try await store.get(Self.oldRow) == nil)
            #expect(await quick.attempt() == .accepted)
        }
    }

    private enum Other {
        case guess, login, administrator
    }

    @Test func `Of fifty concurrent guesses at a user of the old table five are hashed`()
        async throws
    {
        try await insertOldRow()
        let daemon = try daemon()
        let before = daemon.hasher.bcryptRuns.total
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<50 { group.addTask { await daemon.attempt("guess-\(number)") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(daemon.hasher.bcryptRuns.total - before == 5)
        #expect(outcomes.filter { $0 == .wrong }.count == 5)
        await daemon.authenticator.storeFailures()
        guard case .int64(let count) = try await failures() else {
            Issue.record("nothing was counted")
            return
        }
        #expect(count >= 5)
        #expect(try await store.get(Self.oldRow) == nil)
    }

    @Test func `A user of the old table is throttled while the store accepts no writes`()
        async throws
    {
        try await insertOldRow()
        let failing = FailingStore(store)
        let daemon = try daemon(failing)
        failing.failsWrites(true)
        for number in 0..<5 {
            #expect(await daemon.attempt("guess-\(number)") == .wrong)
            await daemon.authenticator.storeFailures()
        }
        #expect(await daemon.attempt() == .throttled(.seconds(1)))
        failing.failsWrites(false)
        clock.advance(by: .seconds(1))
        #expect(await daemon.attempt() == .accepted)
        #expect(try await store.get(Self.oldRow) == nil)
    }

    @Test func `The user can log in after a move for a failure that stops at any store call`()
        async throws
    {
        for callCount in 0... {
            let store = MemoryStore()
            let test = OldTableFailureTests(store: store, clock: clock)
            try await test.insertOldRow()
            let stopping = StoppingStore(store, after: callCount)
            let daemon = try test.daemon(stopping)
            _ = await daemon.attempt("guess")
            await daemon.authenticator.storeFailures()
            #expect(await (try test.daemon()).attempt() == .accepted)
            #expect(try await store.get(Self.oldRow) == nil)
            if !stopping.hasStopped { break }
        }
    }
}
