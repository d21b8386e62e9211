import AuthCore
import Bytes
import DispatchBridge
import Storage
import Synchronization
import TestSupport
import Testing

/// What guessing at one account comes to.
@Suite struct LockoutTests {
    private let fixture: AuthenticatorFixture
    private let context = RequestContext()

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    @Test func `After five wrong passwords even the correct one is throttled without hashing`()
        async throws
    {
        try await fixture.register()
        #expect(await fixture.guess(5) == Array(repeating: .wrong, count: 5))
        let cost = await fixture.cost {
            #expect(await fixture.attempt() == .throttled(.seconds(1)))
            #expect(await fixture.attempt("guess-9") == .throttled(.seconds(1)))
        }
        #expect(cost == [0, 0])
        fixture.clock.advance(by: .milliseconds(999))
        #expect(await fixture.attempt() == .throttled(.milliseconds(1)))
        fixture.clock.advance(by: .milliseconds(1))
        #expect(await fixture.attempt() == .accepted)
    }

    @Test func `Each further failure doubles the wait, and throttled attempts do not extend it`()
        async throws
    {
        try await fixture.register()
        _ = await fixture.guess(5)
        for (round, seconds) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].enumerated() {
            for _ in 0..<3 {
                #expect(await fixture.attempt() == .throttled(.seconds(seconds)))
            }
            fixture.clock.advance(by: .seconds(seconds))
            #expect(await fixture.attempt("later-\(round)") == .wrong)
        }
    }

    @Test func `A successful login resets the failure count, in memory and in the account's row`()
        async throws
    {
        try await fixture.register()
        _ = await fixture.guess(4)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(4))
        #expect(await fixture.attempt() == .accepted)
        await fixture.authenticator.storeFailures()
        let row = try await fixture.row()
        #expect(row["passwordFailures"] == nil)
        #expect(row["passwordFailedAt"] == nil)
        #expect(await fixture.guess(5) == Array(repeating: .wrong, count: 5))
        #expect(await fixture.attempt() == .throttled(.seconds(1)))
    }

    @Test func `A failure just before a success is not counted after it`() async throws {
        try await fixture.register()
        for round in 0..<20 {
            #expect(await fixture.attempt("guess-\(round)") == .wrong)
            #expect(await fixture.attempt() == .accepted)
            await fixture.authenticator.storeFailures()
            #expect(try await fixture.row()["passwordFailures"] == nil)
        }
    }

    @Test
    func `A hundred wrong passwords disable password login until an administrator unlocks it`()
        async throws
    {
        try await fixture.register()
        await fixture.guessPatiently(100)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(100))
        fixture.clock.advance(by: .seconds(86_400 * 365))
        let cost = await fixture.cost {
            #expect(await fixture.attempt() == .throttled(.seconds(900)))
        }
        #expect(cost == [0, 0])
        let other = try AuthenticatorFixture(store: fixture.store, clock: fixture.clock)
        #expect(await other.attempt() == .throttled(.seconds(900)))
        try await other.authenticator.unlock(email: "Ada@Example.com", context: context)
        #expect(await fixture.attempt() == .accepted)
        #expect(await other.attempt() == .accepted)
    }

    @Test func `Counters survive a restart`() async throws {
        try await fixture.register()
        _ = await fixture.guess(7)
        fixture.clock.advance(by: .seconds(1))
        _ = await fixture.guess(1, from: 100)
        fixture.clock.advance(by: .seconds(2))
        _ = await fixture.guess(1, from: 200)
        await fixture.authenticator.storeFailures()
        let restarted = try AuthenticatorFixture(store: fixture.store, clock: fixture.clock)
        #expect(await restarted.attempt() == .throttled(.seconds(4)))
        restarted.clock.advance(by: .seconds(4))
        #expect(await restarted.attempt() == .accepted)
    }

    @Test
    func `After the clock is set back a wait stays short, and at most one extra guess is allowed`()
        async throws
    {
        try await fixture.register()
        _ = await fixture.guess(5)
        fixture.clock.advance(by: .seconds(-600))
        #expect(await fixture.attempt() == .throttled(.seconds(1)))
        // A clock that was days ahead must not hold the user up for days. One try is free, no more.
        fixture.clock.advance(by: .seconds(-86_400))
        #expect(await fixture.guess(2, from: 50) == [.wrong, .throttled(.seconds(2))])
        fixture.clock.advance(by: .seconds(2))
        #expect(await fixture.attempt() == .accepted)
    }

    @Test func `One wrong password repeated by the same caller counts once`() async throws {
        try await fixture.register()
        let cost = await fixture.cost {
            for _ in 0..<50 {
                #expect(await fixture.attempt("stale-secret") == .wrong)
            }
        }
        // Each costs its hash: a quick answer would show when the account has changed meanwhile.
        #expect(cost == [50, 0])
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(1))
        // From elsewhere it is a guess like any other.
        #expect(await fixture.attempt("stale-secret", caller: "uid 1001") == .wrong)
        #expect(await fixture.attempt("stale-secret", address: "192.0.2.1") == .wrong)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(3))
    }

    @Test func `Four alternating wrong passwords count once each, and five are throttled`()
        async throws
    {
        try await fixture.register()
        for number in 0..<40 {
            #expect(await fixture.attempt("stale-\(number % 4)") == .wrong)
        }
        #expect(await fixture.attempt() == .accepted)
        var outcomes: [Outcome] = []
        for number in 0..<7 { outcomes.append(await fixture.attempt("stale-\(number % 5)")) }
        #expect(
            outcomes == Array(repeating: .wrong, count: 5)
                + Array(repeating: .throttled(.seconds(1)), count: 2))
    }

    @Test func `A password that failed before works once it becomes the account's password`()
        async throws
    {
        let tokens = try await fixture.login()
        let next = "another-long-passphrase-71"
        #expect(await fixture.attempt(next) == .wrong)
        try await fixture.authenticator.changePassword(
            current: AuthenticatorFixture.password, new: SecretBytes(utf8: next),
            accessToken: tokens.access, context: context)
        #expect(await fixture.attempt(next) == .accepted)
    }

    @Test
    func `The correct password of a disabled account counts as a failure, and works when enabled`()
        async throws
    {
        try await fixture.register()
        try await fixture.set("disabled", .boolean(true))
        #expect(await fixture.attempt() == .wrong)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(1))
        try await fixture.set("disabled", nil)
        #expect(await fixture.attempt() == .accepted)
    }

    @Test func `A failed login is answered before its failure is stored, yet counts at once`()
        async throws
    {
        let store = HookedStore(fixture.store)
        let slow = try AuthenticatorFixture(store: store, clock: fixture.clock)
        try await slow.register()
        let gate = Promise<Void>()
        store.beforeNextTransaction { await gate.value() }
        #expect(await slow.attempt("guess-0") == .wrong)
        #expect(try await slow.row()["passwordFailures"] == nil)
        // What is not written yet counts all the same.
        #expect(await slow.guess(5, from: 1).last == .throttled(.seconds(1)))
        gate.fulfil(())
        await slow.authenticator.storeFailures()
        #expect(try await slow.row()["passwordFailures"] == .int64(5))
    }

    @Test func `Failures that cannot be stored count in memory and are reported`() async throws {
        let store = FailingStore(fixture.store)
        let unsaved = Mutex<[String?]>([])
        let daemon = try AuthenticatorFixture(
            store: store, clock: fixture.clock,
            unsavedFailures: { userID, error in
                #expect(error == .unavailable("the disk is full"))
                unsaved.withLock { $0.append(userID) }
            })
        try await daemon.register()
        store.failsWrites(true)
        for guess in 0..<5 {
            #expect(await daemon.attempt("guess-\(guess)") == .wrong)
            await daemon.authenticator.storeFailures()
        }
        #expect(await daemon.attempt() == .throttled(.seconds(1)))
        // Each was told of, by the id of the user and nothing else.
        await daemon.authenticator.storeFailures()
        let userID = try await daemon.row()["userId"]
        #expect(unsaved.withLock { $0.count } >= 5)
        #expect(unsaved.withLock { $0.allSatisfy { $0.map { .string($0) } == userID } })
        store.failsWrites(false)
        daemon.clock.advance(by: .seconds(1))
        #expect(await daemon.attempt("guess-5") == .wrong)
        await daemon.authenticator.storeFailures()
        daemon.clock.advance(by: .seconds(2))
        #expect(await daemon.attempt() == .accepted)
    }

    @Test func `Storing failures merges with a concurrent change by another daemon`() async throws {
        let store = HookedStore(fixture.store)
        let slow = try AuthenticatorFixture(store: store, clock: fixture.clock)
        try await slow.register()
        let quick = fixture
        store.beforeNextTransaction {
            _ = await quick.attempt("other-daemon")
            await quick.authenticator.storeFailures()
        }
        #expect(await slow.attempt("guess-0") == .wrong)
        await slow.authenticator.storeFailures()
        #expect(try await slow.row()["passwordFailures"] == .int64(2))
    }
}
