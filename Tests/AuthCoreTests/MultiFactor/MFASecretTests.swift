import AuthCore
import Bytes
import Foundation
import Storage
import TestSupport
import Testing

/// What happens when the stored secret is of another form or key, or was tampered with.
@Suite struct MFASecretTests {
    private let context = RequestContext()
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    @Test func `An altered TOTP secret is reported as unreadable, and recovery codes still log in`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let text = try await fixture.sealedSecret()
        let fields = text.split(separator: "$").map(String.init)
        for index in fields.indices {
            var altered = fields
            // The last character of a field: of a version, a number, or base 64.
            let last = altered[index].removeLast()
            altered[index].append(last == "A" ? "Q" : "A")
            try await fixture.set("totpSecret", .string(altered.joined(separator: "$")))
            await expectRefusal("mfaSecretUnreadable") {
                _ = try await fixture.login(user, user.totp(fixture.clock))
            }
            _ = try await fixture.login(user, .recovery(user.recoveryCodes[index]))
        }
        for broken in ["", "v1", "a:b:c", String(text.dropLast())] {
            try await fixture.set("totpSecret", .string(broken))
            await expectRefusal("mfaSecretUnreadable") {
                _ = try await fixture.login(user, user.totp(fixture.clock))
            }
        }
        try await fixture.set("totpSecret", .string(text))
        _ = try await fixture.login(user, user.totp(fixture.clock))
    }

    @Test func `A user with an unreadable TOTP secret can disable MFA and enroll again`()
        async throws
    {
        let user = try await fixture.mfaUser()
        try await fixture.set("totpSecret", .string("v1"))
        await expectRefusal("mfaSecretUnreadable") {
            try await fixture.authenticator.disableMFA(
                password: AuthenticatorFixture.password, secondFactor: user.totp(fixture.clock),
                accessToken: user.tokens.access, context: context)
        }
        try await fixture.authenticator.disableMFA(
            password: AuthenticatorFixture.password,
            secondFactor: .recovery(user.recoveryCodes[0]), accessToken: user.tokens.access,
            context: context)
        _ = try await fixture.enroll(user.tokens)
    }

    @Test func `Sealed TOTP secrets swapped between two users with the same password do not open`()
        async throws
    {
        let ada = try await fixture.mfaUser()
        let bob = try await fixture.mfaUser(email: "bob@example.com")
        let (adas, bobs) = (
            try await fixture.sealedSecret(), try await fixture.sealedSecret(bob.email)
        )
        try await fixture.set("totpSecret", .string(bobs))
        try await fixture.set("totpSecret", .string(adas), bob.email)
        for (user, other) in [(ada, bob), (bob, ada)] {
            await expectRefusal("mfaSecretUnreadable") {
                _ = try await fixture.login(user, other.totp(fixture.clock))
            }
            await expectRefusal("mfaSecretUnreadable") {
                _ = try await fixture.login(user, user.totp(fixture.clock))
            }
        }
    }

    @Test func `Recovery code hashes copied from another user accept none of that user's codes`()
        async throws
    {
        let ada = try await fixture.mfaUser()
        let bob = try await fixture.mfaUser(email: "bob@example.com")
        let bobs = try await fixture.row(bob.email)["recoveryCodeHashes"]
        try await fixture.set("recoveryCodeHashes", bobs)
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.login(ada, .recovery(bob.recoveryCodes[0]))
        }
    }

    @Test func `Recovery code hashes of the wrong size are a store failure, not a wrong code`()
        async throws
    {
        let user = try await fixture.mfaUser()
        try await fixture.set("recoveryCodeHashes", .binary([1, 2, 3]))
        await expectRefusal("storeUnavailable") {
            _ = try await fixture.login(user, .recovery(user.recoveryCodes[0]))
        }
    }

    @Test
    func `After a key rotation a login reseals the secret, and the old key is no longer needed`()
        async throws
    {
        let user = try await fixture.mfaUser()
        let before = try await fixture.sealedSecret()
        let new = "another key of the server, 32 bytes or more"
        func daemon(_ keys: [String]) throws -> AuthenticatorFixture {
            try AuthenticatorFixture(
                store: fixture.store, clock: fixture.clock, serverKeys: keys)
        }
        let foreign = try daemon([new])
        await expectRefusal("mfaSecretUnreadable") {
            _ = try await foreign.login(user, user.totp(fixture.clock))
        }
        let both = try daemon([new, AuthenticatorFixture.serverKey])
        // A wrong code seals nothing.
        let wrong = user.totp(fixture.clock, steps: 5)
        #expect(await both.cost { _ = try? await both.login(user, wrong) } == [1, 1])
        #expect(try await fixture.sealedSecret() == before)
        let code = user.totp(fixture.clock)
        #expect(try await both.cost { _ = try await both.login(user, code) } == [1, 2])
        let after = try await fixture.sealedSecret()
        #expect(after != before)
        fixture.clock.advance(by: .seconds(30))
        let next = user.totp(fixture.clock)
        #expect(try await foreign.cost { _ = try await foreign.login(user, next) } == [1, 1])
        #expect(try await fixture.sealedSecret() == after)
    }

    @Test func `A login reseals a TOTP secret whose iteration count is out of date`() async throws {
        let user = try await fixture.mfaUser()
        let more = try AuthenticatorFixture(
            store: fixture.store, clock: fixture.clock, iterations: 12_345)
        _ = try await more.login(user, user.totp(fixture.clock))
        #expect(try await fixture.sealedSecret().hasPrefix("v1$i=12345$"))
    }

    @Test func `A TOTP secret of the old application opens and is resealed at login`() async throws
    {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Vectors/legacy_rows.json")
        let rows = try JSONDecoder().decode(OldRows.self, from: Data(contentsOf: file)).rows
        let old = try #require(rows.first { $0.email == "grace.hopper@example.org" })
        let base32 = try #require(old.totp_secret_base32)
        let bytes = try #require(Base32.decode(SecretBytes(utf8: base32)))
        let password = SecretBytes(utf8: old.password)
        _ = try await fixture.authenticator.register(
            email: old.email, password: password, context: context)
        try await fixture.set(
            "totpSecret", .string(try #require(old.row["totp_secret"])), old.email)
        await expectRefusal("mfaRequired") {
            _ = try await fixture.loginAgain(email: old.email, password: password)
        }
        let secret = try #require(TOTPSecret(bytes))
        func code(_ steps: Int64) -> SecondFactor {
            .totp(TOTP.code(secret: secret, step: TOTP.step(at: fixture.clock.now) + steps).digits)
        }
        for (steps, cost) in [(-1, [1, 2]), (0, [1, 1])] as [(Int64, [Int])] {
            let spent = try await fixture.cost {
                let tokens = try await fixture.loginAgain(
                    email: old.email, password: password, secondFactor: code(steps))
                #expect(tokens.recoveryCodesLeft == 0)
            }
            #expect(spent == cost)
            #expect(try await fixture.sealedSecret(old.email).hasPrefix("v1$"))
        }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(
                email: old.email, password: password, secondFactor: code(0))
        }
    }

    private struct OldRows: Decodable {
        struct Row: Decodable {
            let email: String
            let password: String
            // As the file spells it.
            let totp_secret_base32: String?  // swift-format-ignore
            let row: [String: String]
        }
        let rows: [Row]
    }
}
