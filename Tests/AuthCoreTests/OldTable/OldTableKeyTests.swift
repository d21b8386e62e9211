import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Addresses and rows that a store can't take: they are answered, and stop nothing.
struct OldTableKeyTests {
    private let context = RequestContext()

    @Test(arguments: ["a/b@example.com", "a#b@example.com", "a?b@example.com", "/?#@example.com"])
    func `An address with characters that keys cannot contain has no row in the old table`(
        _ email: String
    ) async throws {
        #expect(OldUser.table.keys(of: email).isEmpty)
        let fixture = try AuthenticatorFixture.withOldTable()
        await expectRefusal("invalidCredentials") { _ = try await fixture.loginAgain(email: email) }
        await expectRefusal("userNotFound") {
            _ = try await fixture.authenticator.account(email: email, context: context)
        }
        let tokens = try await fixture.login(email: email)
        _ = try await fixture.authenticator.issuePasswordReset(email: email, context: context)
        try await fixture.authenticator.deleteUser(
            password: AuthenticatorFixture.password, secondFactor: nil,
            accessToken: tokens.access, context: context)
        #expect(try await fixture.entities().isEmpty)
    }

    @Test(arguments: [190, 200, 215, 240])
    func `A row is moved only if its account keeps room for properties added later`(count: Int)
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        var extra = EntityProperties()
        for number in 0..<count { extra["p\(number)"] = .int64(1) }
        try await OldUser.ada.insert(into: fixture.store, extra: extra)
        let hasRoom = count < 210
        let tokens = try? await OldUser.ada.login(fixture)
        #expect((tokens != nil) == hasRoom)
        guard hasRoom else { return }
        for _ in 0..<7 {
            _ = try? await fixture.loginAgain(
                email: OldUser.ada.email, password: SecretBytes(utf8: "wrong"))
        }
        _ = try await fixture.authenticator.issuePasswordReset(
            email: OldUser.ada.email, context: context)
    }
}
