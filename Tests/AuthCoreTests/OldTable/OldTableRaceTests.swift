import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Moves that meet others, and moves that stop half-way.
@Suite struct OldTableRaceTests {
    private let context = RequestContext()
    private let user = OldUser.grace

    /// Two daemons on one store; what the first one writes can be held up.
    private struct Daemons {
        let store = MemoryStore()
        let hooked: HookedStore
        let slow: AuthenticatorFixture
        let quick: AuthenticatorFixture

        init() throws {
            let clock = TestClock()
            hooked = HookedStore(store)
            slow = try .withOldTable(hooked, clock: clock)
            quick = try .withOldTable(store, clock: clock)
        }
    }

    @Test
    func `A user can log in and has no old row after a first login that stops at any store call`()
        async throws
    {
        var states: Set<Int> = []
        for callCount in 0... {
            let store = MemoryStore()
            let clock = TestClock()
            try await user.insert(into: store)
            let stopping = StoppingStore(store, after: callCount)
            let tokens = try? await user.login(.withOldTable(stopping, clock: clock))
            let after = try AuthenticatorFixture.withOldTable(store, clock: clock)
            states.insert(try await after.entities().count)
            #expect((tokens == nil) == stopping.hasStopped)
            // The code may have been used up by what was stored.
            clock.advance(by: .seconds(30))
            _ = try await user.login(after)
            #expect(try await after.entities()[user.key] == nil)
            await expectRefusal("invalidCredentials") {
                _ = try await after.loginAgain(
                    email: user.email, password: SecretBytes(utf8: "not-it-at-all"))
            }
            guard stopping.hasStopped else { break }
        }
        #expect(states == [1, 3, 2], "before, between and behind the two writes")
    }

    @Test
    func `Deleting an account leaves nothing after a first login that stops at any store call`()
        async throws
    {
        for callCount in 0...3 {
            let store = MemoryStore()
            let clock = TestClock()
            try await user.insert(into: store)
            _ = try? await user.login(
                .withOldTable(StoppingStore(store, after: callCount), clock: clock))
            clock.advance(by: .seconds(30))
            let after = try AuthenticatorFixture.withOldTable(store, clock: clock)
            let tokens = try await user.login(after)
            // As if the old application had made the row again meanwhile.
            try await user.insert(into: store)
            clock.advance(by: .seconds(30))
            try await after.authenticator.deleteUser(
                password: user.secretBytes, secondFactor: try user.totp(clock),
                accessToken: tokens.access, context: context)
            #expect(try await after.entities().isEmpty)
            await expectRefusal("invalidCredentials") { _ = try await user.login(after) }
        }
    }

    @Test func `A deletion that stops at any store call does not revive an old password`()
        async throws
    {
        for callCount in 0... {
            let store = MemoryStore()
            let clock = TestClock()
            let whole = try AuthenticatorFixture.withOldTable(store, clock: clock)
            try await user.insert(into: store)
            // A move that stopped between its writes: both rows are there.
            _ = try? await user.login(
                .withOldTable(StoppingStore(store, after: 2), clock: clock))
            let unfinished = try AuthenticatorFixture(store: store, clock: clock)
            clock.advance(by: .seconds(30))
            let tokens = try await user.login(unfinished)
            clock.advance(by: .seconds(30))
            let new = SecretBytes(utf8: "another-long-passphrase-71")
            try await unfinished.authenticator.changePassword(
                current: user.secretBytes, new: new, secondFactor: try user.totp(clock),
                accessToken: tokens.access, context: context)
            #expect(try await whole.entities()[user.key] != nil)
            clock.advance(by: .seconds(30))
            let stopping = StoppingStore(store, after: callCount)
            try? await AuthenticatorFixture.withOldTable(stopping, clock: clock).authenticator
                .deleteUser(
                    password: new, secondFactor: try user.totp(clock),
                    accessToken: tokens.access, context: context)
            clock.advance(by: .seconds(30))
            await expectRefusal("invalidCredentials") { _ = try await user.login(whole) }
            guard stopping.hasStopped else {
                #expect(try await whole.entities().isEmpty)
                break
            }
        }
    }

    @Test func `Concurrent logins on several daemons move a user once and all succeed`()
        async throws
    {
        let ada = OldUser.ada
        for round in 0..<3 {
            let store = MemoryStore()
            let daemons = try (0..<3).map { _ in try AuthenticatorFixture.withOldTable(store) }
            try await ada.insert(into: store)
            let userIDs = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<4 {
                    group.addTask { try await ada.login(daemons[(index + round) % 3]).userID }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(userIDs.count == 1)
            #expect(try await daemons[0].entities()[ada.key] == nil)
        }
    }

    @Test
    func `A login that loses the race to move a row continues with the winner's account`()
        async throws
    {
        let daemons = try Daemons()
        try await user.insert(into: daemons.store)
        daemons.hooked.beforeNextTransaction {
            _ = try? await user.login(daemons.quick)
        }
        // Both used the same code: the second is refused, though it read an unused one.
        await expectRefusal("mfaCodeInvalid") { _ = try await user.login(daemons.slow) }
        daemons.slow.clock.advance(by: .seconds(30))
        _ = try await user.login(daemons.slow)
        _ = try await user.loginWithSecondStep(daemons.quick)
    }

    @Test func `A password change in the old application during the move takes effect`()
        async throws
    {
        let daemons = try Daemons()
        let etag = try await OldUser.ada.insert(into: daemons.store)
        let changed = try #require(user.row["password_hash"])
        daemons.hooked.beforeNextTransaction(skipping: 1) {
            _ = try? await daemons.store.transact(
                partition: "Users",
                [
                    .replace(
                        OldUser.ada.key, ["password_hash": .string(changed)], ifMatch: etag)
                ])
        }
        await expectRefusal("invalidCredentials") { _ = try await OldUser.ada.login(daemons.slow) }
        // The move was taken back; then the wrong password moved what the old application wrote.
        await daemons.slow.authenticator.storeFailures()
        let entities = try await daemons.quick.entities()
        #expect(entities.map(\.key) == [OldUser.ada.accountKey])
        _ = try await daemons.quick.loginAgain(
            email: OldUser.ada.email, password: user.secretBytes)
    }

    @Test func `An account deleted in the old application while its row is moved stays deleted`()
        async throws
    {
        let daemons = try Daemons()
        try await OldUser.ada.insert(into: daemons.store)
        daemons.hooked.beforeNextTransaction(skipping: 1) {
            _ = try? await daemons.store.transact(
                partition: "Users", [.delete(OldUser.ada.key, ifMatch: nil)])
        }
        await expectRefusal("invalidCredentials") { _ = try await OldUser.ada.login(daemons.slow) }
        #expect(try await daemons.quick.entities().isEmpty)
    }

    @Test func `A move is not rolled back if another login finishes it first`() async throws {
        let daemons = try Daemons()
        try await OldUser.ada.insert(into: daemons.store)
        daemons.hooked.beforeNextTransaction(skipping: 1) {
            // Finds both rows, logs in, and removes the old one.
            _ = try? await OldUser.ada.login(daemons.quick)
        }
        let tokens = try await OldUser.ada.login(daemons.slow)
        _ = try await daemons.quick.authenticator.verifyToken(tokens.access, context: context)
        _ = try await OldUser.ada.login(daemons.quick)
        #expect(try await daemons.quick.entities()[OldUser.ada.key] == nil)
    }

    @Test func `An old row created after the move is ignored`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        try await OldUser.ada.insert(into: fixture.store)
        _ = try await OldUser.ada.login(fixture)
        // Somebody registers the free address with the old application.
        let attacker = try #require(user.row["password_hash"])
        _ = try await fixture.store.transact(
            partition: "Users",
            [.insert(OldUser.ada.key, ["password_hash": .string(attacker)])])
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(
                email: OldUser.ada.email, password: user.secretBytes)
        }
        _ = try await OldUser.ada.login(fixture)
        #expect(try await fixture.entities()[OldUser.ada.key] != nil, "it is not ours to remove")
    }

    @Test func `A login that reads between the two writes of a move is not refused`()
        async throws
    {
        // A store that reads one key after the other, as a store without such a request does.
        let store = MemoryStore()
        let torn = TornReadStore(store)
        let slow = try AuthenticatorFixture.withOldTable(torn)
        let quick = try AuthenticatorFixture.withOldTable(store)
        try await OldUser.ada.insert(into: store)
        torn.betweenKeys { _ = try? await OldUser.ada.login(quick) }
        _ = try await OldUser.ada.login(slow)
    }
}

extension OldUser {
    /// Logs him in with the code of the next step.
    fileprivate func loginWithSecondStep(
        _ fixture: AuthenticatorFixture
    ) async throws -> IssuedTokens {
        fixture.clock.advance(by: .seconds(30))
        return try await login(fixture)
    }
}
