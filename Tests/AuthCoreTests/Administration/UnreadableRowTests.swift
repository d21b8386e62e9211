import AuthCore
import Bytes
import Storage
import Synchronization
import TestSupport
import Testing

/// Rows that were damaged or written by a newer version, among others that are not.
@Suite struct UnreadableRowTests {
    /// How a row became unreadable.
    enum Damage: CaseIterable, Sendable {
        /// It has a form that this version does not know.
        case newer
        /// The store itself can't read it.
        case damaged
    }

    private static let email = "ada@example.com"
    private static let partition = AccountPartition(email: email).name
    private static let account = EntityKey(partition: partition, row: "account")

    private final class Notices: Sendable {
        let rows = Mutex<[UnreadableRow]>([])
        var all: [UnreadableRow] { rows.withLock { $0 } }
    }

    private let context = RequestContext()
    private let store = DamagedStore(MemoryStore())
    private let notices = Notices()
    private let fixture: AuthenticatorFixture

    init() throws {
        let notices = notices
        fixture = try AuthenticatorFixture(
            store: store,
            unreadableRows: { row in notices.rows.withLock { $0.append(row) } })
    }

    private var authenticator: Authenticator { fixture.authenticator }

    private static func session(_ tokens: IssuedTokens) -> EntityKey {
        EntityKey(partition: partition, row: "s_" + tokens.sessionID)
    }

    private func spoil(_ key: EntityKey, _ damage: Damage) async throws {
        guard damage == .newer else { return store.damage(key) }
        let entity = try #require(try await store.get(key))
        var properties = entity.properties
        properties["v"] = .int64(2)
        _ = try await store.transact(
            partition: key.partition,
            [.replace(key, properties, ifMatch: try #require(entity.etag))])
    }

    @Test(arguments: Damage.allCases)
    func `An unreadable session keeps administrators from nothing and is removed with its account`(
        damage: Damage
    ) async throws {
        let lost = try await fixture.login()
        let kept = try await fixture.loginAgain()
        _ = try await fixture.login(email: "grace@example.com")
        try await spoil(Self.session(lost), damage)
        let list = try await authenticator.accounts(after: nil, count: 10, context: context)
        #expect(list.accounts.count == 2 && list.unreadableCount == 0)
        #expect(list.accounts.allSatisfy { $0.sessionCount == 1 })
        let shown = try await authenticator.account(email: Self.email, context: context)
        #expect(shown.sessionCount == 1)
        let own = try await authenticator.sessions(accessToken: kept.access, context: context)
        #expect(own.map(\.session.sessionID) == [kept.sessionID])
        #expect(notices.all.count >= 3)
        #expect(notices.all.allSatisfy { $0.partition == Self.partition && $0.kind == .session })
        let reset = try await authenticator.issuePasswordReset(
            email: Self.email, context: context)
        _ = try await authenticator.resetPassword(
            token: reset.token, new: SecretBytes(utf8: "another-long-passphrase-71"),
            context: context)
        try await authenticator.unlock(email: Self.email, context: context)
        try await authenticator.revokeSessions(email: Self.email, context: context)
        try await authenticator.setDisabled(true, email: Self.email, context: context)
        try await authenticator.removeAccount(email: Self.email, context: context)
        try await authenticator.removeAccount(email: "grace@example.com", context: context)
        #expect(try await store.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test(arguments: Damage.allCases)
    func `Users can delete their account in spite of an unreadable session`(
        damage: Damage
    ) async throws {
        let lost = try await fixture.login()
        let kept = try await fixture.loginAgain()
        try await spoil(Self.session(lost), damage)
        try await authenticator.deleteUser(
            password: AuthenticatorFixture.password, accessToken: kept.access, context: context)
        #expect(try await store.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test(arguments: Damage.allCases)
    func `An unreadable session is accepted nowhere, and not called revoked either`(
        damage: Damage
    ) async throws {
        let lost = try await fixture.login()
        try await spoil(Self.session(lost), damage)
        let (authenticator, context) = (authenticator, context)
        await expectRefusal("storeUnavailable") {
            _ = try await authenticator.refresh(token: lost.refresh, context: context)
        }
        await expectRefusal("storeUnavailable") {
            _ = try await authenticator.verifyToken(lost.access, context: context)
        }
        await expectRefusal("storeUnavailable") {
            _ = try await authenticator.sessions(accessToken: lost.access, context: context)
        }
        await expectRefusal("storeUnavailable") {
            try await authenticator.deleteUser(
                password: AuthenticatorFixture.password, accessToken: lost.access,
                context: context)
        }
    }

    @Test(arguments: Damage.allCases)
    func `A user at the limit of sessions can log in in spite of an unreadable one`(
        damage: Damage
    ) async throws {
        var policy = SessionPolicy()
        policy.sessionsPerUserMax = 2
        let fixture = try AuthenticatorFixture(store: store, policy: policy)
        let lost = try await fixture.login()
        _ = try await fixture.loginAgain()
        try await spoil(Self.session(lost), damage)
        for _ in 0..<5 {
            fixture.clock.advance(by: .seconds(1))
            _ = try await fixture.loginAgain()
        }
        #expect(try await store.store.scan(after: nil, limit: 10).entities.count == 4)
        #expect(try await store.store.get(Self.session(lost)) != nil, "a newer daemon knows it")
    }

    @Test(arguments: Damage.allCases)
    func `An unreadable account is missing in listings, counted and reported, and can be deleted`(
        damage: Damage
    ) async throws {
        let fixture = try AuthenticatorFixture(
            store: store, cacheLifetime: .seconds(300),
            unreadableRows: { [notices] row in notices.rows.withLock { $0.append(row) } })
        let (authenticator, context) = (fixture.authenticator, context)
        let tokens = try await fixture.login()
        _ = try await fixture.login(email: "grace@example.com")
        _ = try await authenticator.verifyToken(tokens.access, context: context)
        try await spoil(Self.account, damage)
        for count in [1, 2, 10] {
            var (emails, unreadableCount) = ([String](), 0)
            var next: SecretBytes?
            repeat {
                let page = try await authenticator.exportedAccounts(
                    after: next, count: count, context: context)
                emails += page.accounts.map(\.email)
                unreadableCount += page.unreadableCount
                next = page.next
            } while next != nil
            #expect(emails == ["grace@example.com"] && unreadableCount == 1)
        }
        #expect(notices.all.count == 3)
        #expect(notices.all.allSatisfy { $0.partition == Self.partition && $0.kind == .account })
        await expectRefusal("storeUnavailable") {
            _ = try await authenticator.account(email: Self.email, context: context)
        }
        try await authenticator.removeAccount(email: Self.email, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await authenticator.verifyToken(tokens.access, context: context)
        }
        let rows = try await store.store.scan(after: nil, limit: 10).entities
        #expect(rows.allSatisfy { $0.key.partition != Self.partition } && rows.count == 2)
    }

    @Test func `A damaged row of no account does not end a listing, and is named without its key`()
        async throws
    {
        let keys = [
            EntityKey(partition: "authd_sweep", row: "lease"),
            EntityKey(partition: "Users", row: "ada@example.com"),
        ]
        for key in keys {
            _ = try await store.transact(partition: key.partition, [.insert(key, [:])])
            store.damage(key)
        }
        _ = try await fixture.login()
        let page = try await authenticator.accounts(after: nil, count: 10, context: context)
        #expect(page.accounts.map(\.email) == [Self.email] && page.unreadableCount == 0)
        #expect(Set(notices.all.map(\.partition)) == ["authd_sweep", "Users"])
        #expect(notices.all.allSatisfy { $0.kind == .other })
        #expect(!notices.all.contains { "\($0)".contains(Self.email) })
    }

    @Test func `Rows of a kind that only a newer version knows are removed with their account`()
        async throws
    {
        _ = try await fixture.login()
        let key = EntityKey(partition: Self.partition, row: "x_1")
        _ = try await store.transact(partition: key.partition, [.insert(key, [:])])
        try await authenticator.removeAccount(email: Self.email, context: context)
        #expect(try await store.store.scan(after: nil, limit: 10).entities.isEmpty)
    }
}
