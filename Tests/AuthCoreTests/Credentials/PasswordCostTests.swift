import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// What a check costs tells nothing of the account or its password.
@Suite struct PasswordCostTests {
    /// Ways in which a hash is not one of today's.
    enum Outdated: String, CaseIterable {
        case cost
        case scheme
        case truncated
    }

    private static let email = "ada@example.com"
    /// Of the fixture's password, by PBKDF2 with one round.
    private static let foreignHash =
        "$pbkdf2-sha256$1$c2FsdCBvZiB0aGUgdGVzdA$Ko4ta4qbiixK/HwDmd0laV52fChDfHnIRwFzHISBvNU"

    /// A daemon of cost 6, and an account whose hash it replaces at the next login.
    private func daemon(_ outdated: Outdated) async throws -> AuthenticatorFixture {
        let today = try AuthenticatorFixture(bcryptCost: 6)
        switch outdated {
        case .cost:
            try await AuthenticatorFixture(store: today.store).register()
        case .scheme:
            _ = try await today.authenticator.importAccount(
                PortableAccount(email: Self.email, passwordHash: Self.foreignHash),
                isDryRun: false, context: RequestContext())
        case .truncated:
            try await today.register()
            try await today.set("passwordMayBeTruncated", .boolean(true))
        }
        return today
    }

    @Test(arguments: Outdated.allCases)
    func `For a disabled account the correct password costs as much as a wrong one`(
        outdated: Outdated
    ) async throws {
        let daemon = try await daemon(outdated)
        try await daemon.set("disabled", .boolean(true))
        let hash = try await daemon.row()["passwordHash"]
        let wrong = await daemon.cost { #expect(await daemon.attempt("guess") == .wrong) }
        let right = await daemon.cost { #expect(await daemon.attempt() == .wrong) }
        #expect(right == wrong)
        // Enabled again the account gets one of today's hashes.
        try await daemon.set("disabled", nil)
        #expect(await daemon.attempt() == .accepted)
        #expect(try await daemon.row()["passwordHash"] != hash)
    }

    @Test(arguments: ["guess", "gu\u{e9}ss", "gue\u{301}ss"])
    func `A wrong password costs the current bcrypt rounds, whatever the account's hash costs`(
        password: String
    ) async throws {
        let today = try await daemon(.cost)
        let unknown = await today.cost {
            #expect(await today.attempt(password, email: "nobody@example.com") == .wrong)
        }
        let known = await today.cost { #expect(await today.attempt(password) == .wrong) }
        // The account's own of cost 4, and decoys of 4 and 5: 16 + 16 + 32 rounds are 64.
        #expect(known == [unknown[0] * 3, 0])
        #expect(await today.attempt() == .accepted)
        let later = await today.cost { #expect(await today.attempt("other") == .wrong) }
        #expect(later == [1, 0])
    }
}
