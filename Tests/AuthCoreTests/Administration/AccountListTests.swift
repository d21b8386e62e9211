import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Listings, page by page.
@Suite struct AccountListTests {
    private let fixture: AuthenticatorFixture
    private let context = RequestContext()

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    /// All pages, one behind the other.
    private func list(
        count: Int, between: () async throws -> Void = {}
    ) async throws -> [AccountSummary] {
        var found: [AccountSummary] = []
        var next: SecretBytes?
        repeat {
            let page = try await fixture.authenticator.accounts(
                after: next, count: count, context: context)
            #expect(page.accounts.count <= count)
            found += page.accounts
            next = page.next
            try await between()
        } while next != nil
        return found
    }

    private func seed(_ range: Range<Int>) async throws -> Set<String> {
        var emails: Set<String> = []
        for number in range {
            let email = "user-\(number)@example.com"
            try await AccountSeed.insert(
                email: email, into: fixture.store, at: fixture.clock.now)
            emails.insert(email)
        }
        return emails
    }

    @Test func `A listing contains each of five thousand accounts exactly once`() async throws {
        let emails = try await seed(0..<5000)
        for count in [7, 100, 1000] {
            let found = try await list(count: count).map(\.email)
            #expect(found.count == 5000)
            #expect(Set(found) == emails)
        }
    }

    @Test(arguments: [1, 2, 3, 10, 1000])
    func `A listing counts sessions correctly at every page size`(
        count: Int
    ) async throws {
        var expected: [String: Int] = [:]
        for (number, sessions) in [0, 1, 40, 2, 0, 7].enumerated() {
            let email = "user-\(number)@example.com"
            _ = try await fixture.authenticator.register(
                email: email, password: AuthenticatorFixture.password, context: context)
            for _ in 0..<sessions { _ = try await fixture.loginAgain(email: email) }
            expected[email] = sessions
        }
        let found = try await list(count: count)
        #expect(found.count == expected.count)
        for account in found { #expect(account.sessionCount == expected[account.email]) }
    }

    @Test func `Concurrent insertions and deletions do not affect the other accounts of a listing`()
        async throws
    {
        let staying = try await seed(0..<300)
        var number = 1000
        let found = try await list(count: 10) {
            _ = try await seed(number..<number + 3)
            let gone = EntityKey(
                partition: AccountPartition(email: "user-\(number)@example.com").name,
                row: "account")
            _ = try await fixture.store.transact(
                partition: gone.partition, [.delete(gone, ifMatch: nil)])
            number += 3
        }.map(\.email)
        #expect(Set(found).isSuperset(of: staying))
        #expect(Set(found).count == found.count)
    }

    @Test func `Rows that are not accounts are skipped`() async throws {
        let emails = try await seed(0..<3)
        for partition in ["Users", "u_short", "zz"] {
            let key = EntityKey(partition: partition, row: "account")
            _ = try await fixture.store.transact(
                partition: partition, [.insert(key, ["x": .int64(1)])])
        }
        #expect(Set(try await list(count: 2).map(\.email)) == emails)
    }

    @Test func `A page token from another daemon is accepted, and a forged one is refused`()
        async throws
    {
        _ = try await seed(0..<10)
        let first = try await fixture.authenticator.accounts(
            after: nil, count: 3, context: context)
        let token = try #require(first.next)
        let twin = try AuthenticatorFixture(store: fixture.store)
        let page = try await twin.authenticator.accounts(after: token, count: 10, context: context)
        #expect(page.accounts.count == 10 - first.accounts.count)
        let stranger = try AuthenticatorFixture(
            store: fixture.store, serverKeys: [String(repeating: "another key ", count: 4)])
        await expectRefusal("argumentInvalid") {
            _ = try await stranger.authenticator.accounts(
                after: token, count: 3, context: context)
        }
        let bytes = token.withUnsafeBytes { Array($0) }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            await expectRefusal("argumentInvalid") {
                _ = try await fixture.authenticator.accounts(
                    after: SecretBytes(changed), count: 3, context: context)
            }
        }
        for text in ["", ".", "u_0/account", String(repeating: "A", count: 5000)] {
            await expectRefusal("argumentInvalid") {
                _ = try await fixture.authenticator.accounts(
                    after: SecretBytes(utf8: text), count: 3, context: context)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `A listing keeps its scan parameters over all its pages`(count: Int) async throws {
        let store = SteadyScanStore(MemoryStore())
        let fixture = try AuthenticatorFixture(store: store)
        for number in 0..<12 {
            _ = try await fixture.login(email: "user-\(number)@example.com")
            for _ in 0..<3 { _ = try await fixture.loginAgain(email: "user-\(number)@example.com") }
        }
        var found = 0
        var token: SecretBytes?
        repeat {
            let page = try await fixture.authenticator.accounts(
                after: token, count: count, context: context)
            #expect(page.accounts.count <= count)
            found += page.accounts.count
            token = page.next
        } while token != nil
        #expect(found == 12)
        #expect(store.changedCount == 0)
        #expect(store.continuedCount > 0 || count == 100)
    }

    @Test(arguments: [-1, 0, 1001, Int.max])
    func `A page size out of bounds is refused`(count: Int) async throws {
        await expectRefusal("argumentInvalid") {
            _ = try await fixture.authenticator.accounts(
                after: nil, count: count, context: context)
        }
    }
}
