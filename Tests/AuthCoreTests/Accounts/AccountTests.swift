import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

@Suite struct AccountTests {
    private let context = RequestContext()

    @Test func `An account is registered, logs in, and its token is verified`() async throws {
        let fixture = try AuthenticatorFixture()
        let registration = try await fixture.authenticator.register(
            email: "  Ada@Example.COM ", password: AuthenticatorFixture.password,
            context: context)
        #expect(registration.email == "ada@example.com")
        let tokens = try await fixture.loginAgain()
        #expect(tokens.userID == registration.userID)
        let claims = try await fixture.authenticator.verifyToken(tokens.access, context: context)
        #expect(claims.userID == registration.userID)
        #expect(claims.email == "ada@example.com")
        #expect(claims.sessionID == tokens.sessionID)
        #expect(claims.authenticationMethods == ["pwd"])
        #expect(claims.expiresAt == tokens.accessExpiresAt)
    }

    @Test func `An address can be registered once, however it is spelled`() async throws {
        let fixture = try AuthenticatorFixture()
        _ = try await fixture.login(email: "ada@example.com")
        for spelling in ["ada@example.com", "ADA@example.com", " ada@EXAMPLE.com\n"] {
            await expectRefusal("emailTaken") {
                _ = try await fixture.authenticator.register(
                    email: spelling, password: AuthenticatorFixture.password, context: context)
            }
        }
    }

    @Test func `Exactly one of many concurrent registrations of one address succeeds`() async throws
    {
        let fixture = try AuthenticatorFixture()
        let wins = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    let result = try? await fixture.authenticator.register(
                        email: "ada@example.com", password: AuthenticatorFixture.password,
                        context: RequestContext())
                    return result != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
    }

    @Test func `Wrong password, unknown email and disabled account are refused alike`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        _ = try await fixture.login()
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(password: SecretBytes(utf8: "wrong-password-1"))
        }
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(email: "nobody@example.com")
        }
        try await fixture.setProperty("disabled", .boolean(true))
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain() }
    }

    @Test func `A weak password is refused with every rule it breaks`() async throws {
        let fixture = try AuthenticatorFixture()
        let error = await #expect(throws: AuthError.self) {
            _ = try await fixture.authenticator.register(
                email: "ada@example.com", password: SecretBytes(utf8: "1234567"),
                context: context)
        }
        guard case .passwordTooWeak(let violations) = error else {
            Issue.record("refused for another reason: \(String(describing: error))")
            return
        }
        #expect(violations.contains(.tooShort))
        #expect(violations.count >= 2)
    }

    @Test func `A password change keeps this session and ends the others`() async throws {
        let fixture = try AuthenticatorFixture()
        let mine = try await fixture.login()
        let other = try await fixture.loginAgain()
        let new = SecretBytes(utf8: "another-long-passphrase-71")
        try await fixture.authenticator.changePassword(
            current: AuthenticatorFixture.password, new: new, accessToken: mine.access,
            context: context)
        _ = try await fixture.authenticator.verifyToken(mine.access, context: context)
        _ = try await fixture.authenticator.refresh(token: mine.refresh, context: context)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(other.access, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: other.refresh, context: context)
        }
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain() }
        _ = try await fixture.loginAgain(password: new)
    }

    @Test func `A password change needs the current password and a good new one`() async throws {
        let fixture = try AuthenticatorFixture()
        let tokens = try await fixture.login()
        await expectRefusal("invalidCredentials") {
            try await fixture.authenticator.changePassword(
                current: SecretBytes(utf8: "not-the-password"),
                new: SecretBytes(utf8: "another-long-passphrase-71"), accessToken: tokens.access,
                context: context)
        }
        await expectRefusal("passwordTooWeak") {
            try await fixture.authenticator.changePassword(
                current: AuthenticatorFixture.password, new: SecretBytes(utf8: "password"),
                accessToken: tokens.access, context: context)
        }
        _ = try await fixture.loginAgain()
    }

    @Test func `Deleting an account removes all its rows from the store`() async throws {
        let fixture = try AuthenticatorFixture()
        let first = try await fixture.login()
        _ = try await fixture.loginAgain()
        await expectRefusal("invalidCredentials") {
            try await fixture.authenticator.deleteUser(
                password: SecretBytes(utf8: "not-the-password"), accessToken: first.access,
                context: context)
        }
        try await fixture.authenticator.deleteUser(
            password: AuthenticatorFixture.password, accessToken: first.access, context: context)
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(first.access, context: context)
        }
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain() }
    }

    @Test func `Tokens of a deleted account stay revoked when the address is registered again`()
        async throws
    {
        let fixture = try AuthenticatorFixture()
        let old = try await fixture.login()
        try await fixture.authenticator.deleteUser(
            password: AuthenticatorFixture.password, accessToken: old.access, context: context)
        let new = try await fixture.login()
        #expect(new.userID != old.userID)
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.verifyToken(old.access, context: context)
        }
        await expectRefusal("tokenRevoked") {
            _ = try await fixture.authenticator.refresh(token: old.refresh, context: context)
        }
    }

    @Test func `A hash of another cost is replaced at a successful login only`() async throws {
        let store = MemoryStore()
        let old = try AuthenticatorFixture(store: store, bcryptCost: 4)
        _ = try await old.login()
        let before = try await old.property("passwordHash")
        let new = try AuthenticatorFixture(store: store, bcryptCost: 5)
        await expectRefusal("invalidCredentials") {
            _ = try await new.loginAgain(password: SecretBytes(utf8: "not-the-password"))
        }
        #expect(try await new.property("passwordHash") == before)
        _ = try await new.loginAgain()
        guard case .string(let after) = try await new.property("passwordHash") else {
            Issue.record("no hash")
            return
        }
        #expect(after.hasPrefix("$2b$05$"))
        _ = try await new.loginAgain()
    }

    @Test func `A password in another Unicode form is the same password`() async throws {
        let fixture = try AuthenticatorFixture()
        let composed = SecretBytes(utf8: "caf\u{e9}-horizon-kettle-52")
        let decomposed = SecretBytes(utf8: "cafe\u{301}-horizon-kettle-52")
        _ = try await fixture.authenticator.register(
            email: "ada@example.com", password: decomposed, context: context)
        _ = try await fixture.loginAgain(password: composed)
        _ = try await fixture.loginAgain(password: decomposed)
    }

    @Test func `A long password is significant up to its last byte`() async throws {
        let fixture = try AuthenticatorFixture()
        let long = String(repeating: "correct horse battery staple ", count: 5)
        _ = try await fixture.authenticator.register(
            email: "ada@example.com", password: SecretBytes(utf8: long + "1"), context: context)
        _ = try await fixture.loginAgain(password: SecretBytes(utf8: long + "1"))
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(password: SecretBytes(utf8: long + "2"))
        }
    }
}

extension AuthenticatorFixture {
    /// A property of Ada's account row.
    func property(_ name: String) async throws -> EntityProperty? {
        try await store.get(key)?.properties[name]
    }

    /// Changes a property of an account row, as another daemon would.
    func setProperty(
        _ name: String, _ value: EntityProperty, of email: String = "ada@example.com"
    ) async throws {
        let key = EntityKey(partition: AccountPartition(email: email).name, row: "account")
        let entity = try #require(try await store.get(key))
        var properties = entity.properties
        properties[name] = value
        _ = try await store.transact(
            partition: key.partition,
            [.replace(key, properties, ifMatch: try #require(entity.etag))])
    }

    private var key: EntityKey {
        EntityKey(partition: AccountPartition(email: "ada@example.com").name, row: "account")
    }
}
