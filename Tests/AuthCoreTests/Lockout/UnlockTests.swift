import AuthCore
import Storage
import TestSupport
import Testing

@Suite struct UnlockTests {
    private static let failed = Timestamp(seconds: 1_795_000_000)
    private static let row: EntityProperties = [
        "passwordFailures": .int64(120), "passwordFailuresUnchecked": .int64(20),
        "passwordFailedAt": .timestamp(failed), "totpFailures": .int64(7),
        "totpFailedAt": .timestamp(failed), "recoveryFailures": .int64(1),
        "recoveryFailedAt": .timestamp(failed),
    ]

    private func lockedUser() async throws -> AuthenticatorFixture {
        let fixture = try AuthenticatorFixture()
        _ = try await fixture.login()
        for (name, value) in Self.row { try await fixture.set(name, value) }
        return fixture
    }

    @Test func `Unlocking clears every failure counter, however the email is spelled`() async throws
    {
        let fixture = try await lockedUser()
        let context = RequestContext()
        try await fixture.authenticator.unlock(email: "ADA@example.com ", context: context)
        let row = try await fixture.row()
        #expect(Self.row.map(\.name).allSatisfy { row[$0] == nil })
        #expect(row["unlocks"] == .int64(1))
        #expect(context.trail.current.userID != nil)
    }

    @Test func `Unlocking an address without an account fails with userNotFound`() async throws {
        let fixture = try AuthenticatorFixture()
        await expectRefusal("userNotFound") {
            try await fixture.authenticator.unlock(
                email: "ada@example.com", context: RequestContext())
        }
    }

    @Test func `A failure count without a time makes the account row corrupt`() async throws {
        let fixture = try await lockedUser()
        try await fixture.set("totpFailedAt", nil)
        await expectRefusal("storeUnavailable") { _ = try await fixture.loginAgain() }
    }
}
