import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Rows of the old table that can't become accounts, and administrators who have to remove them.
@Suite struct UnreadableOldRowTests {
    private let context = RequestContext()

    /// More properties than an account can store.
    private static let tooMany: EntityProperties = {
        var properties = EntityProperties()
        for number in 0..<Int64(EntityLimits.propertiesMax - 1) {
            properties["p\(number)"] = .int64(number)
        }
        if let hash = OldUser.ada.row["password_hash"] {
            properties["password_hash"] = .string(hash)
        }
        return properties
    }()

    @Test(arguments: [[:], ["password_hash": .string("not base 64")], tooMany])
    func `An administrator can delete an old row that cannot be read, which frees its address`(
        properties: EntityProperties
    ) async throws {
        let fixture = try AuthenticatorFixture.withOldTable()
        _ = try await fixture.store.transact(
            partition: "Users", [.insert(OldUser.ada.key, properties)])
        try await OldUser.grace.insert(into: fixture.store)
        try await fixture.authenticator.removeAccount(
            email: " ADA@Example.com", context: context)
        #expect(try await fixture.entities().map(\.key) == [OldUser.grace.key])
        _ = try await fixture.login(email: OldUser.ada.email)
        _ = try await OldUser.grace.login(fixture)
    }

    @Test func `Other administrative calls neither read nor remove an old row that is unreadable`()
        async throws
    {
        let fixture = try AuthenticatorFixture.withOldTable()
        _ = try await fixture.store.transact(
            partition: "Users", [.insert(OldUser.ada.key, [:])])
        let (authenticator, context) = (fixture.authenticator, context)
        await expectRefusal("storeUnavailable") {
            _ = try await authenticator.account(email: OldUser.ada.email, context: context)
        }
        await expectRefusal("storeUnavailable") {
            try await authenticator.setDisabled(
                true, email: OldUser.ada.email, context: context)
        }
        #expect(try await fixture.entities().map(\.key) == [OldUser.ada.key])
    }
}
