import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// All users of the old application at once.
@Suite struct OldTableMigrationTests {
    private let context = RequestContext()

    private static func migration(
        _ store: any EntityStore, isDryRun: Bool = false
    ) -> OldTableMigration {
        let clock = TestClock()
        return OldTableMigration(
            store: store, table: OldUser.table, isDryRun: isDryRun, now: { clock.now })
    }

    private static func run(_ migration: OldTableMigration) async throws -> [OldRowOutcome] {
        var outcomes: [OldRowOutcome] = []
        var place: EntityContinuation?
        repeat {
            let page = try await migration.page(after: place)
            outcomes += page.outcomes
            place = page.next
        } while place != nil
        return outcomes
    }

    /// A store with the rows of all users, and of many more.
    private static func store(extra: Int = 0) async throws -> MemoryStore {
        let store = MemoryStore()
        for user in OldUser.all { try await user.insert(into: store) }
        for number in 0..<extra {
            try await OldUser.ada.insert(into: store, row: "user\(number)@example.net")
        }
        return store
    }

    private static func rows(_ store: any EntityStore) async throws -> Int {
        try await migration(store).count()
    }

    @Test func `Every user is migrated and can log in with the same password and authenticator`()
        async throws
    {
        let store = try await Self.store()
        let outcomes = try await Self.run(Self.migration(store))
        let factors = outcomes.map { $0.kind == .moved(hasSecondFactor: true) }
        #expect(outcomes.count == 5 && factors.filter { $0 }.count == 4)
        #expect(try await Self.rows(store) == 0)
        // The old table is not read any more: all that is needed has been copied.
        let fixture = try AuthenticatorFixture(store: store)
        for user in OldUser.all {
            let row = try await fixture.row(user.email)
            #expect(row["totpSecret"] == user.row["totp_secret"].map { .string($0) })
            _ = try await user.login(fixture)
            fixture.clock.advance(by: .seconds(30))
            _ = try await user.login(fixture)
        }
    }

    @Test func `A dry run reports the same outcomes and writes nothing`() async throws {
        let store = try await Self.store(extra: 150)
        _ = try await store.transact(
            partition: "Users", [.insert(OldUser.ada.key("no-address"), [:])])
        let hooked = CountingStore(store)
        var dry: [OldRowOutcome] = []
        let calls = try await hooked.calls {
            dry = try await Self.run(Self.migration(hooked, isDryRun: true))
        }
        #expect(!calls.contains(.transact))
        let wet = try await Self.run(Self.migration(store))
        #expect(dry.count == 156)
        #expect(Set(dry.map(\.row)) == Set(wet.map(\.row)))
        for (one, other) in zip(dry.sorted { $0.row < $1.row }, wet.sorted { $0.row < $1.row }) {
            #expect(one == other)
        }
    }

    @Test func `Rows that cannot be migrated are reported and left in place`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable(try await Self.store())
        let store = fixture.store
        for row in ["no-address", "a@b", "two@@example.com"] {
            try await OldUser.ada.insert(into: store, row: row)
        }
        _ = try await store.transact(
            partition: "Users", [.insert(OldUser.ada.key("unreadable@example.com"), [:])])
        let unaware = try AuthenticatorFixture(store: store)
        _ = try await unaware.login(email: OldUser.grace.email)
        // Two rows for what is one address here.
        try await OldUser.ada.insert(into: store, row: "νικος@example.com")
        try await OldUser.ada.insert(into: store, row: "νικοσ@example.com")
        let outcomes = try await Self.run(Self.migration(store))
        let left = outcomes.filter {
            switch $0.kind {
            case .moved: false
            default: true
            }
        }
        let kinds = Dictionary(uniqueKeysWithValues: left.map { ($0.row, $0.kind) })
        #expect(kinds["no-address"] == .addressInvalid)
        #expect(kinds["a@b"] == .addressInvalid)
        #expect(kinds["two@@example.com"] == .addressInvalid)
        #expect(kinds["unreadable@example.com"] == .unreadable)
        #expect(kinds[OldUser.grace.email] == .taken)
        #expect(left.count == 6, "and one of the two sigmas")
        #expect(try await Self.rows(store) == 6)
        _ = try await unaware.loginAgain(email: OldUser.grace.email)
    }

    @Test
    func `Rerunning a migration that stops at any store call moves the rest and loses no user`()
        async throws
    {
        var callCount = 0
        while true {
            let store = try await Self.store()
            let stopping = StoppingStore(store, after: callCount)
            _ = try? await Self.run(Self.migration(stopping))
            let outcomes = try await Self.run(Self.migration(store))
            #expect(
                outcomes.allSatisfy {
                    switch $0.kind {
                    case .moved, .finished: true
                    default: false
                    }
                })
            #expect(try await Self.rows(store) == 0)
            let accounts = try await store.scan(after: nil, limit: 100).entities
            #expect(accounts.count == OldUser.all.count)
            guard stopping.hasStopped else { break }
            callCount += 1
        }
        #expect(callCount > 10)
    }

    @Test func `Users who log in during a migration are moved once`() async throws {
        let store = try await Self.store(extra: 60)
        let daemon = try AuthenticatorFixture.withOldTable(store)
        let emails = (0..<6).map { "user\($0 * 10)@example.net" }
        async let migrated = Self.run(Self.migration(store))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for email in emails {
                group.addTask { _ = try await OldUser.ada.login(daemon, as: email) }
            }
            try await group.waitForAll()
        }
        let outcomes = try await migrated
        #expect(outcomes.allSatisfy { $0.kind != .taken && $0.kind != .busy })
        _ = try await Self.run(Self.migration(store))
        #expect(try await Self.rows(store) == 0)
        for email in emails { _ = try await OldUser.ada.login(daemon, as: email) }
    }

    @Test func `A row that the store itself cannot read is reported and keeps nobody from moving`()
        async throws
    {
        let store = DamagedStore(try await Self.store())
        store.damage(OldUser.ada.key)
        let outcomes = try await Self.run(Self.migration(store))
        #expect(outcomes.count == OldUser.all.count)
        #expect(outcomes.filter { $0.kind == .unreadable }.map(\.row) == [OldUser.ada.email])
        #expect(try await Self.rows(store) == 1)
        let fixture = try AuthenticatorFixture.withOldTable(store)
        try await fixture.authenticator.removeAccount(email: OldUser.ada.email, context: context)
        #expect(try await Self.rows(store) == 0)
    }
}
