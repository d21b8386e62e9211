import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Expired sessions go, slowly, by one daemon at a time.
@Suite struct SessionSweeperTests {
    private let context = RequestContext()

    private static func sweeper(
        _ store: any EntityStore, policy: SessionPolicy = SessionPolicy()
    ) -> SessionSweeper {
        SessionSweeper(
            store: store, policy: policy, interval: .seconds(86_400), pause: .seconds(1))
    }

    /// Takes steps until a sweep has ended; gives back how many rows went.
    private static func sweep(
        _ sweeper: SessionSweeper, at now: Timestamp
    ) async throws -> (removed: Int, steps: Int) {
        var removed = 0
        for steps in 1...1_000 {
            let step = try await sweeper.step(at: now)
            removed += step.removedCount
            if step.pause != .seconds(1) { return (removed, steps) }
        }
        Issue.record("the sweep did not end")
        return (removed, 0)
    }

    private static func rows(_ store: any EntityStore, _ prefix: String) async throws -> Int {
        var (count, next) = (0, EntityContinuation?.none)
        repeat {
            let page = try await store.scan(
                EntityFilter(rowPrefix: prefix), after: next, limit: 1_000)
            count += page.entities.count
            next = page.next
        } while next != nil
        return count
    }

    @Test func `Expired sessions are removed after a grace period, and live ones are kept`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        for number in 0..<5 { _ = try await fixture.login(email: "user\(number)@example.com") }
        let policy = SessionPolicy()
        fixture.clock.advance(by: policy.idleLimit)
        let living = try await fixture.loginAgain(email: "user0@example.com")
        let sweeper = Self.sweeper(fixture.store)
        #expect(try await Self.sweep(sweeper, at: fixture.clock.now).removed == 0)
        fixture.clock.advance(by: .seconds(86_400))
        #expect(try await Self.sweep(sweeper, at: fixture.clock.now).removed == 5)
        #expect(try await Self.rows(fixture.store, "s_") == 1)
        #expect(try await Self.rows(fixture.store, "account") == 5)
        _ = try await fixture.authenticator.refresh(token: living.refresh, context: context)
    }

    @Test func `A sweep goes on past damaged sessions, and in spite of a damaged lease`()
        async throws
    {
        let store = DamagedStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        let lost = try await fixture.login()
        _ = try await fixture.loginAgain()
        let sweeper = Self.sweeper(store)
        _ = try await Self.sweep(sweeper, at: fixture.clock.now)
        let lease = try #require(
            try await store.scan(after: nil, limit: 10).entities.first {
                SessionSweeper.ownPartitions.contains($0.key.partition)
            })
        store.damage(lease.key)
        store.damage(
            EntityKey(
                partition: AccountPartition(email: "ada@example.com").name,
                row: "s_" + lost.sessionID))
        fixture.clock.advance(by: .seconds(40 * 86_400))
        #expect(try await Self.sweep(sweeper, at: fixture.clock.now).removed == 1)
        #expect(try await store.get(lease.key) != nil)
        #expect(try await Self.rows(store.store, "s_") == 1, "nobody knows whether it has expired")
    }

    @Test func `A session that is refreshed while it is swept stays`() async throws {
        var short = SessionPolicy()
        short.idleLimit = .seconds(60)
        let hooked = HookedStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: hooked, policy: short)
        let tokens = try await fixture.login()
        _ = try await fixture.loginAgain()
        fixture.clock.advance(by: .seconds(2 * 3600))
        let key = EntityKey(
            partition: AccountPartition(email: "ada@example.com").name,
            row: "s_" + tokens.sessionID)
        let session = try #require(try await hooked.get(key))
        let etag = try #require(session.etag)
        hooked.beforeNextTransaction(skipping: 1) {
            // Another daemon, whose policy is more patient, writes the row again.
            _ = try? await hooked.transact(
                partition: key.partition,
                [.replace(key, session.properties, ifMatch: etag)])
        }
        let outcome = try await Self.sweep(
            Self.sweeper(hooked, policy: short), at: fixture.clock.now)
        #expect(outcome.removed == 1, "only the other one")
        #expect(try await hooked.get(key) != nil)
    }

    @Test func `A session the current policy considers live is kept, whatever its row says`()
        async throws
    {
        var short = SessionPolicy()
        short.idleLimit = .seconds(60)
        let fixture = try AuthenticatorFixture(policy: short)
        _ = try await fixture.login()
        fixture.clock.advance(by: .seconds(2 * 3600))
        let outcome = try await Self.sweep(Self.sweeper(fixture.store), at: fixture.clock.now)
        #expect(outcome.removed == 0)
        #expect(try await Self.rows(fixture.store, "s_") == 1)
    }

    @Test func `One daemon sweeps at a time, and another takes over when its lease expires`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let now = try await Self.expiredSessions(250, in: fixture)
        let first = Self.sweeper(fixture.store)
        let second = Self.sweeper(fixture.store)
        #expect(try await first.step(at: now).removedCount == 100)
        let refused = try await second.step(at: now)
        #expect(refused.removedCount == 0 && refused.pause == SessionSweeper.leaseDuration)
        #expect(try await first.step(at: now).removedCount == 100)
        // The first one is gone; its lease ends by the clock.
        let later = now.advanced(by: SessionSweeper.leaseDuration)
        #expect(try await Self.sweep(second, at: later).removed == 50)
        #expect(try await Self.rows(fixture.store, "s_") == 0)
        let tooEarly = try await first.step(at: later)
        #expect(tooEarly.removedCount == 0 && tooEarly.pause == .seconds(3600))
    }

    @Test func `Concurrent sweepers remove each row at most once and leave none`() async throws {
        let fixture = try AuthenticatorFixture()
        let now = try await Self.expiredSessions(250, in: fixture)
        let removed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                let sweeper = Self.sweeper(fixture.store)
                group.addTask {
                    var removed = 0
                    for _ in 0..<8 { removed += try await sweeper.step(at: now).removedCount }
                    return removed
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(removed <= 250)
        let later = now.advanced(by: .seconds(90_000))
        _ = try await Self.sweep(Self.sweeper(fixture.store), at: later)
        #expect(try await Self.rows(fixture.store, "s_") == 0)
    }

    @Test func `A step costs a bounded number of round trips, and an early one a single read`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        let now = try await Self.expiredSessions(250, in: fixture)
        let sweeper = Self.sweeper(store)
        // The sessions of the test are of one account: one transaction for the page.
        let step = try await store.calls { _ = try await sweeper.step(at: now) }
        #expect(step == [.get, .transact, .scan, .transact, .transact])
        _ = try await Self.sweep(sweeper, at: now)
        let early = try await store.calls { _ = try await sweeper.step(at: now) }
        #expect(early == [.get])
    }

    @Test func `The next sweep finishes a sweep that stops at any store call`() async throws {
        for callCount in 0... {
            let fixture = try AuthenticatorFixture()
            let now = try await Self.expiredSessions(120, in: fixture)
            let stopping = StoppingStore(fixture.store, after: callCount)
            _ = try? await Self.sweep(Self.sweeper(stopping), at: now)
            let later = now.advanced(by: .seconds(90_000))
            _ = try await Self.sweep(Self.sweeper(fixture.store), at: later)
            #expect(try await Self.rows(fixture.store, "s_") == 0)
            guard stopping.hasStopped else { break }
        }
    }

    @Test func `A resumed sweep keeps its scan parameters, whichever daemon resumes it and when`()
        async throws
    {
        let store = SteadyScanStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        var now = try await Self.expiredSessions(450, in: fixture)
        var removed = 0
        for _ in 0..<8 {
            removed += try await Self.sweeper(store).step(at: now).removedCount
            now = now.advanced(by: SessionSweeper.leaseDuration)
        }
        #expect(removed == 450)
        #expect(store.continuedCount >= 4)
        #expect(store.changedCount == 0)
    }

    @Test func `A continuation the store does not recognise restarts the sweep`() async throws {
        let fixture = try AuthenticatorFixture()
        let now = try await Self.expiredSessions(120, in: fixture)
        _ = try await Self.sweeper(fixture.store).step(at: now)
        let key = EntityKey(partition: "authd_sweep", row: "lease")
        let lease = try #require(try await fixture.store.get(key))
        var properties = lease.properties
        properties["continuation"] = .string("of another store")
        _ = try await fixture.store.transact(
            partition: key.partition,
            [.replace(key, properties, ifMatch: try #require(lease.etag))])
        let later = now.advanced(by: SessionSweeper.leaseDuration)
        #expect(try await Self.sweep(Self.sweeper(fixture.store), at: later).removed == 20)
    }

    /// Stores session rows of one account, and gives back a moment at which they can be swept.
    private static func expiredSessions(
        _ count: Int, in fixture: AuthenticatorFixture
    ) async throws -> Timestamp {
        let tokens = try await fixture.login()
        let partition = AccountPartition(email: "ada@example.com").name
        let key = EntityKey(partition: partition, row: "s_" + tokens.sessionID)
        let session = try #require(try await fixture.store.get(key))
        for start in stride(from: 1, to: count, by: 100) {
            let operations = (start..<min(start + 100, count)).map { number in
                EntityOperation.insert(
                    EntityKey(partition: partition, row: "s_\(100_000 + number)"),
                    session.properties)
            }
            _ = try await fixture.store.transact(partition: partition, operations)
        }
        return fixture.clock.now.advanced(by: SessionPolicy().idleLimit + .seconds(3601))
    }
}
