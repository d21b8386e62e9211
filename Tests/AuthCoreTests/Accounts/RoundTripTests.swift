import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// What operations cost in round trips to the store, and how sessions are counted to keep it so.
@Suite struct RoundTripTests {
    private let context = RequestContext()

    @Test func `Every operation takes the documented number of round trips`() async throws {
        try await RoundTripCost.expectPromises(on: MemoryStore())
    }

    @Test func `A login queries the sessions only when the session limit is reached`() async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store, policy: Self.policy(sessions: 3))
        _ = try await fixture.login()
        for expected in [[], [], [CountingStore.Call.query], [.query]] {
            fixture.clock.advance(by: .seconds(1))
            let calls = try await store.calls { _ = try await fixture.loginAgain() }
            #expect(calls == [.get] + expected + [.transact])
            #expect(try await fixture.sessionRowCount() <= 3)
        }
    }

    @Test func `Rows of ended sessions make room at the limit without removing live sessions`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store, policy: Self.policy(sessions: 4))
        let kept = try await fixture.login()
        for _ in 0..<3 {
            let tokens = try await fixture.loginAgain()
            try await fixture.authenticator.logout(
                accessToken: tokens.access, allSessions: false, context: context)
        }
        // The count still has the three that are gone; the look brings it down to what is there.
        for expected in [[CountingStore.Call.query], [], []] {
            let calls = try await store.calls { _ = try await fixture.loginAgain() }
            #expect(calls == [.get] + expected + [.transact])
        }
        #expect(try await fixture.property("sessionRowsMax") == .int64(4))
        _ = try await fixture.authenticator.verifyToken(kept.access, context: context)
    }

    @Test func `A login at the limit removes all sessions of an earlier epoch`() async throws {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store, policy: Self.policy(sessions: 5))
        _ = try await fixture.login()
        var last = try await fixture.loginAgain()
        for _ in 0..<3 { last = try await fixture.loginAgain() }
        try await fixture.authenticator.logout(
            accessToken: last.access, allSessions: true, context: context)
        _ = try await fixture.loginAgain()
        #expect(try await fixture.sessionRowCount() == 1)
        #expect(try await fixture.property("sessionRowsMax") == .int64(1))
    }

    @Test func `A login counts the sessions of an account that has no session count`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        let first = try await fixture.login()
        try await fixture.set("sessionRowsMax", nil)
        let calls = try await store.calls { _ = try await fixture.loginAgain() }
        #expect(calls == [.get, .query, .transact])
        #expect(try await fixture.property("sessionRowsMax") == .int64(2))
        _ = try await fixture.authenticator.verifyToken(first.access, context: context)
    }

    @Test func `Unknown properties survive a login, however many there are`() async throws {
        let fixture = try AuthenticatorFixture(store: MemoryStore())
        _ = try await fixture.login()
        // Among those that this program knows, and over the bits of more than one number.
        let names = (0..<200).map { number in "\(number.isMultiple(of: 2) ? "a" : "x")\(number)" }
        for (number, name) in names.enumerated() {
            try await fixture.set(name, .int64(Int64(number)))
        }
        _ = try await fixture.loginAgain()
        for (number, name) in names.enumerated() {
            #expect(try await fixture.property(name) == .int64(Int64(number)))
        }
    }

    @Test func `Concurrent logins and logouts keep session rows within the limit and the count`()
        async throws
    {
        let store = MemoryStore()
        let clock = TestClock()
        let daemons = try (0..<3).map { _ in
            try AuthenticatorFixture(store: store, clock: clock, policy: Self.policy(sessions: 6))
        }
        _ = try await daemons[0].login()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    let daemon = daemons[worker % 3]
                    for round in 0..<6 {
                        guard let tokens = try? await daemon.loginAgain() else { continue }
                        guard (worker + round) % 3 == 0 else { continue }
                        try? await daemon.authenticator.logout(
                            accessToken: tokens.access, allSessions: round == 3,
                            context: RequestContext())
                    }
                }
            }
        }
        let rows = try await daemons[0].sessionRowCount()
        #expect(rows <= 6)
        guard case .int64(let bound) = try await daemons[0].property("sessionRowsMax") else {
            Issue.record("no count")
            return
        }
        #expect(rows <= Int(bound))
    }

    @Test(arguments: [0, 1, 97, 98, 99, 100, 198, 199, 200, 998])
    func `Deleting an account leaves no rows, however many sessions it has`(extra: Int) async throws
    {
        let fixture = try AuthenticatorFixture()
        let tokens = try await fixture.login()
        try await fixture.copySession(of: tokens, times: extra)
        try await fixture.authenticator.deleteUser(
            password: AuthenticatorFixture.password, accessToken: tokens.access,
            context: context)
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    private static func policy(sessions: Int) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.sessionsPerUserMax = sessions
        return policy
    }
}

extension AuthenticatorFixture {
    /// How many session rows Ada's partition has.
    func sessionRowCount() async throws -> Int {
        try await store.query(
            partition: AccountPartition(email: "ada@example.com").name, rowPrefix: "s_",
            limit: 1_000
        ).count
    }

    /// Adds rows like that of a session under other ids, which no account counts.
    fileprivate func copySession(of tokens: IssuedTokens, times: Int) async throws {
        let partition = AccountPartition(email: "ada@example.com").name
        let original = try #require(
            try await store.get(EntityKey(partition: partition, row: "s_" + tokens.sessionID)))
        for start in stride(from: 0, to: times, by: 100) {
            let operations = (start..<min(start + 100, times)).map { number in
                let digits = String(number + 100_000).replacing("0", with: "a")
                    .replacing("1", with: "b").replacing("8", with: "x").replacing("9", with: "z")
                let row = "s_" + digits + String(repeating: "q", count: 26 - digits.count)
                return EntityOperation.insert(
                    EntityKey(partition: partition, row: row), original.properties)
            }
            _ = try await store.transact(partition: partition, operations)
        }
    }
}
