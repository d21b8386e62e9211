import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Users of the old application, who know nothing of a move.
@Suite struct OldTableLoginTests {
    private let context = RequestContext()

    @Test(arguments: OldUser.all)
    func `The first login of a user of the old application moves the account`(user: OldUser)
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        let etag = try await user.insert(
            into: fixture.store, extra: ["full_name": .string("Ada L."), "email": .double(0.5)])
        let tokens = try await user.login(fixture)
        let claims = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        #expect(claims.email == user.email)
        let entities = try await fixture.entities()
        #expect(entities[user.key] == nil)
        let account = try #require(entities[user.accountKey]).properties
        #expect(account["migratedFromEtag"] == .string(etag.text))
        #expect(account["old_full_name"] == .string("Ada L."))
        #expect(account["old_email"] == .double(0.5))
        #expect(account["email"] == .string(user.email))
        #expect(entities.count == 2)
        // Once more as an account like any other: the hash is today's, and counts to its last byte.
        fixture.clock.advance(by: .seconds(30))
        _ = try await user.login(fixture)
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(
                email: user.email, password: SecretBytes(utf8: user.password + "x"),
                secondFactor: try user.totp(fixture.clock))
        }
        _ = try await fixture.authenticator.refresh(token: tokens.refresh, context: context)
    }

    @Test func `A user with MFA keeps it and logs in with the same authenticator`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        let user = OldUser.grace
        try await user.insert(into: fixture.store)
        await expectRefusal("mfaRequired") {
            _ = try await fixture.loginAgain(email: user.email, password: user.secretBytes)
        }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(
                email: user.email, password: user.secretBytes,
                secondFactor: .totp(SecretBytes(utf8: "000000")))
        }
        // The wrong code counts, and the account moves with it.
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row(user.email)["totpFailures"] == .int64(1))
        let tokens = try await user.login(fixture)
        #expect(tokens.recoveryCodesLeft == 0)
        guard case .string(let sealed) = try await fixture.row(user.email)["totpSecret"] else {
            Issue.record("no secret")
            return
        }
        #expect(sealed.hasPrefix("v1$"), "sealed again under the server's key")
        await expectRefusal("mfaCodeInvalid") { _ = try await user.login(fixture) }
    }

    @Test func `A TOTP secret left behind under another password is reported as unreadable`()
        async throws
    {
        // What the old application left when MFA was turned off, and the password changed since.
        let fixture = try AuthenticatorFixture.withOldTable()
        let other = try #require(OldUser.all.last?.row["totp_secret"])
        try await OldUser.ada.insert(
            into: fixture.store, extra: ["totp_secret": .string(other)])
        await expectRefusal("mfaRequired") {
            _ = try await fixture.loginAgain(
                email: OldUser.ada.email, password: OldUser.ada.secretBytes)
        }
        await expectRefusal("mfaSecretUnreadable") {
            _ = try await fixture.loginAgain(
                email: OldUser.ada.email, password: OldUser.ada.secretBytes,
                secondFactor: .totp(SecretBytes(utf8: "123456")))
        }
    }

    @Test func `A wrong password for an old row costs what an unknown address costs`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture.withOldTable(store)
        try await OldUser.grace.insert(into: store)
        try await OldUser.ada.insert(into: store)
        _ = try await OldUser.ada.login(fixture)
        var costs: [[Int]] = []
        var calls: [[CountingStore.Call]] = []
        for email in [OldUser.grace.email, OldUser.ada.email, "nobody@example.com"] {
            calls.append(
                await store.calls {
                    costs.append(
                        await fixture.cost {
                            await expectRefusal("invalidCredentials") {
                                _ = try await fixture.loginAgain(
                                    email: email, password: SecretBytes(utf8: "not-it-at-all"))
                            }
                        })
                    await fixture.authenticator.storeFailures()
                })
        }
        #expect(Set(costs) == [[1, 0]])
        // Failures are written after the answer.
        #expect(Set(calls.map { $0.filter { $0 != .transact } }) == [[.get, .get]])
    }

    @Test func `Guesses at an old row are throttled like those at any address`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable(MemoryStore())
        try await OldUser.grace.insert(into: fixture.store)
        for email in [OldUser.grace.email, "nobody@example.com"] {
            for number in 0..<5 {
                await expectRefusal("invalidCredentials") {
                    _ = try await fixture.loginAgain(
                        email: email, password: SecretBytes(utf8: "guess-\(number)"))
                }
            }
            await expectRefusal("throttled") {
                _ = try await fixture.loginAgain(
                    email: email, password: SecretBytes(utf8: "guess-5"))
            }
        }
        await expectRefusal("throttled") { _ = try await OldUser.grace.login(fixture) }
        fixture.clock.advance(by: .seconds(1))
        _ = try await OldUser.grace.login(fixture)
    }

    @Test
    func `With an old table, login, deletion and registration take the documented round trips`()
        async throws
    {
        let store = CountingStore(MemoryStore())
        let fixture = try AuthenticatorFixture.withOldTable(store)
        try await OldUser.ada.insert(into: store)
        let moving = try await store.calls { _ = try await OldUser.ada.login(fixture) }
        #expect(moving == [.get, .transact, .transact])
        var tokens: IssuedTokens?
        let login = try await store.calls { tokens = try await OldUser.ada.login(fixture) }
        #expect(login == [.get, .transact])
        let access = try #require(tokens).access
        let delete = try await store.calls {
            try await fixture.authenticator.deleteUser(
                password: OldUser.ada.secretBytes, accessToken: access, context: context)
        }
        #expect(delete == [.query, .transact, .transact])
        let register = try await store.calls {
            _ = try await fixture.authenticator.register(
                email: "new@example.com", password: AuthenticatorFixture.password,
                context: context)
        }
        #expect(register == [.get, .transact])
    }

    @Test func `The address of an old row cannot be registered`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        try await OldUser.ada.insert(into: fixture.store)
        try await OldUser.grace.insert(into: fixture.store, row: "νικος@example.com")
        for email in [OldUser.ada.email, " ADA@Example.com", "ΝΙΚΟΣ@example.com"] {
            await expectRefusal("emailTaken") {
                _ = try await fixture.authenticator.register(
                    email: email, password: AuthenticatorFixture.password, context: context)
            }
        }
    }

    @Test(arguments: ["νικος@example.com", "νικοσ@example.com"])
    func `A user is found whether a final sigma is stored or typed as final or medial`(row: String)
        async throws
    {
        for spelling in ["ΝΙΚΟΣ@example.com", "νικος@example.com", "νικοσ@example.com"] {
            let fixture = try AuthenticatorFixture.withOldTable()
            try await OldUser.ada.insert(into: fixture.store, row: row)
            _ = try await OldUser.ada.login(fixture, as: spelling)
            #expect(try await fixture.entities()[OldUser.ada.key(row)] == nil)
            for again in ["ΝΙΚΟΣ@example.com", "νικος@example.com", "νικοσ@example.com"] {
                _ = try await OldUser.ada.login(fixture, as: again)
            }
        }
    }

    @Test func `The old row keys of an address are itself and its final sigma spellings`() {
        let forms = { (email: String) in OldUser.table.keys(of: email).map(\.row) }
        #expect(forms("ada@example.com") == ["ada@example.com"])
        #expect(forms("σοφία@x.gr") == ["σοφία@x.gr"])
        #expect(forms("νικοσ@x.gr") == ["νικοσ@x.gr", "νικος@x.gr"])
        // Python sees the letter behind the dot; a writer of lower case does not.
        #expect(forms("ασ.α@x.gr") == ["ασ.α@x.gr", "ας.α@x.gr"])
        #expect(forms("ασ.ασ@x.gr") == ["ασ.ασ@x.gr", "ασ.ας@x.gr", "ας.ας@x.gr"])
    }

    @Test(
        arguments: [
            [:], ["password_hash": .string("")], ["password_hash": .string("not base 64")],
            ["password_hash": .int64(1)],
            ["password_hash": .string("JDJiJDE5JGV1OFlNZFhoZWVoYWVYdmZka0VPeg==")],
        ] as [EntityProperties])
    func `An unreadable old row is a store failure, not a wrong password`(
        properties: EntityProperties
    ) async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        _ = try await fixture.store.transact(
            partition: "Users", [.insert(OldUser.ada.key, properties)])
        await expectRefusal("storeUnavailable") { _ = try await OldUser.ada.login(fixture) }
        await expectRefusal("emailTaken") {
            _ = try await fixture.authenticator.register(
                email: OldUser.ada.email, password: AuthenticatorFixture.password,
                context: context)
        }
    }

    @Test func `An old row with too many properties fails to move without affecting other users`()
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        // With the password's hash as many as a row can have.
        let count = Int64(EntityLimits.propertiesMax - 1)
        var extra = EntityProperties()
        for number in 0..<count { extra["p\(number)"] = .int64(number) }
        try await OldUser.ada.insert(into: fixture.store, extra: extra)
        await expectRefusal("storeUnavailable") { _ = try await OldUser.ada.login(fixture) }
        try await OldUser.grace.insert(into: fixture.store)
        _ = try await OldUser.grace.login(fixture)
    }

    @Test func `A daemon without an old table ignores old rows`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        try await OldUser.ada.insert(into: fixture.store)
        await expectRefusal("invalidCredentials") { _ = try await OldUser.ada.login(fixture) }
        _ = try await fixture.authenticator.register(
            email: OldUser.ada.email, password: AuthenticatorFixture.password, context: context)
    }

    @Test func `Administrative changes to a user of the old application take effect`()
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        for user in [OldUser.ada, OldUser.grace] { try await user.insert(into: fixture.store) }
        try await fixture.authenticator.setDisabled(
            true, email: OldUser.ada.email, context: context)
        await expectRefusal("invalidCredentials") { _ = try await OldUser.ada.login(fixture) }
        try await fixture.authenticator.setDisabled(
            false, email: OldUser.ada.email, context: context)
        _ = try await OldUser.ada.login(fixture)
        try await fixture.authenticator.resetMFA(email: OldUser.grace.email, context: context)
        let tokens = try await fixture.loginAgain(
            email: OldUser.grace.email, password: OldUser.grace.secretBytes)
        #expect(tokens.recoveryCodesLeft == nil)
        for user in [OldUser.ada, OldUser.grace] {
            try await fixture.authenticator.removeAccount(email: user.email, context: context)
        }
        #expect(try await fixture.entities().isEmpty)
        await expectRefusal("userNotFound") {
            _ = try await fixture.authenticator.account(
                email: OldUser.ada.email, context: context)
        }
    }

    @Test func `Viewing a user who is not yet moved keeps the throttling, and unlocking ends it`()
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        let (user, administrator) = (OldUser.ada, fixture.authenticator)
        try await user.insert(into: fixture.store)
        let login = { await Outcome { _ = try await user.login(fixture) } }
        _ = await fixture.guess(5, email: user.email)
        #expect(await login() == .throttled(.seconds(1)))
        await fixture.authenticator.storeFailures()
        let seen = try await administrator.account(email: user.email, context: context)
        #expect(seen.failures.password.failures == 5)
        #expect(await login() == .throttled(.seconds(1)))
        try await administrator.unlock(email: user.email, context: context)
        #expect(await login() == .accepted)
    }

    @Test func `An administrator can unlock a user who is not yet moved`() async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        let user = OldUser.ada
        try await user.insert(into: fixture.store)
        let login = { await Outcome { _ = try await user.login(fixture) } }
        _ = await fixture.guess(5, email: user.email)
        #expect(await login() == .throttled(.seconds(1)))
        try await fixture.authenticator.unlock(email: user.email, context: context)
        #expect(await login() == .accepted)
    }
}
