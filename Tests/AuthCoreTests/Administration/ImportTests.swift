import AuthCore
import Bytes
import Cryptography
import Storage
import TestSupport
import Testing

/// Accounts of other systems, and of other stores of ours.
@Suite struct ImportTests {
    private struct File: Decodable {
        struct Vector: Decodable {
            let password: HexBytes
            let hash: String
        }
        let hashes: [Vector]
    }

    private let fixture: AuthenticatorFixture
    private let context = RequestContext()
    private static let email = "ada@example.com"
    private static let password = AuthenticatorFixture.password
    /// Of `password`, by PBKDF2 with one round.
    private let hash: String
    private let secret = TOTPSecret.random()

    init() throws {
        fixture = try AuthenticatorFixture()
        hash = try Self.pbkdf2(Self.password)
    }

    private var authenticator: Authenticator { fixture.authenticator }

    private static func pbkdf2(_ password: SecretBytes) throws -> String {
        let salt = Array("salt of the test".utf8)
        let digest = try PBKDF2.derive(
            hash: .sha256, password: password, salt: salt, iterations: 1, count: 32)
        let texts = (
            Base64.adapted.encode(salt),
            digest.withUnsafeBytes {
                Base64.adapted.encode($0)
            }
        )
        return "$pbkdf2-sha256$1$\(texts.0)$\(texts.1)"
    }

    @discardableResult
    private func bring(
        _ account: PortableAccount, isDryRun: Bool = false, to other: AuthenticatorFixture? = nil
    ) async throws -> Authenticator.ImportOutcome {
        try await (other ?? fixture).authenticator.importAccount(
            account, isDryRun: isDryRun, context: context)
    }

    private var account: PortableAccount { PortableAccount(email: Self.email, passwordHash: hash) }

    @Test func `An account imported with a foreign hash can log in and is rehashed with bcrypt`()
        async throws
    {
        let vectors = try Vectors.load(File.self, "foreign_hashes.json").hashes
        for (number, vector) in vectors.enumerated() {
            let email = "user-\(number)@example.com"
            let outcome = try await bring(
                PortableAccount(email: email, passwordHash: vector.hash))
            let userID = try #require(outcome.userID)
            #expect(!outcome.wasThere)
            await expectRefusal("invalidCredentials") {
                _ = try await fixture.loginAgain(
                    email: email, password: SecretBytes(utf8: "wrong"))
            }
            for _ in 0..<2 {
                let tokens = try await fixture.loginAgain(
                    email: email, password: vector.password.secret)
                #expect(tokens.userID == userID)
                guard case .string(let text) = try await fixture.row(email)["passwordHash"] else {
                    Issue.record("the hash of \(email) is not stored as a string")
                    continue
                }
                #expect(text.hasPrefix("$2b$04$") || text.hasPrefix("$bcrypt-sha256$v=2,t=2b,r=4$"))
            }
            #expect(try await fixture.row(email)["passwordMayBeTruncated"] == nil)
        }
    }

    @Test func `After an imported hash is replaced at login, every byte of a long password counts`()
        async throws
    {
        let vectors = try Vectors.load(File.self, "foreign_hashes.json").hashes
        let vector = try #require(
            vectors.first { $0.hash.hasPrefix("$2b$") && $0.password.bytes.count > 72 })
        let longer = SecretBytes(vector.password.bytes + [0x21])
        var whole = PortableAccount(email: "whole@example.com", passwordHash: vector.hash)
        whole.isWholePassword = true
        try await bring(whole)
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(
                email: whole.email, password: vector.password.secret)
        }
        let cut = PortableAccount(email: Self.email, passwordHash: vector.hash)
        try await bring(cut)
        _ = try await fixture.loginAgain(password: vector.password.secret)
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(password: longer)
        }
    }

    @Test
    func `Repeating an import returns the same account, even after logins and password resets`()
        async throws
    {
        let first = try await bring(account)
        var again = try await bring(account)
        #expect(again.wasThere && again.userID == first.userID)
        _ = try await fixture.loginAgain()
        again = try await bring(account)
        #expect(again.wasThere && again.userID == first.userID)
        let reset = try await authenticator.issuePasswordReset(
            email: Self.email, context: context)
        let new = SecretBytes(utf8: "another-long-passphrase-71")
        _ = try await authenticator.resetPassword(
            token: reset.token, new: new, context: context)
        #expect(try await bring(account).wasThere)
        _ = try await fixture.loginAgain(password: new)
    }

    @Test func `An import does not change an existing account`() async throws {
        _ = try await fixture.login()
        let row = try await fixture.row()
        await expectRefusal("emailTaken") { try await bring(account) }
        var spelled = account
        spelled.email = " ADA@Example.com "
        await expectRefusal("emailTaken") { try await bring(spelled, isDryRun: true) }
        #expect(try await fixture.row() == row)
    }

    @Test func `An import does not take the address of a user of the old application`()
        async throws
    {
        let user = OldUser.ada
        let old = try AuthenticatorFixture(oldTable: OldUser.table)
        try await user.insert(into: old.store)
        let account = PortableAccount(email: user.email, passwordHash: hash)
        await expectRefusal("emailTaken") { try await bring(account, to: old) }
        await expectRefusal("emailTaken") {
            try await bring(account, isDryRun: true, to: old)
        }
        #expect(try await old.store.get(user.accountKey) == nil)
    }

    @Test
    func `Of many concurrent imports of one account exactly one stores it, and all return its id`()
        async throws
    {
        let account = account
        let (authenticator, context) = (authenticator, context)
        let outcomes = try await withThrowingTaskGroup(
            of: Authenticator.ImportOutcome.self
        ) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await authenticator.importAccount(
                        account, isDryRun: false, context: context)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(outcomes.map(\.userID)).count == 1)
        #expect(outcomes.count { !$0.wasThere } == 1)
    }

    @Test func `A dry run reports the same errors and stores nothing`() async throws {
        let outcome = try await bring(account, isDryRun: true)
        #expect(outcome.userID == nil && !outcome.wasThere)
        var bad = account
        bad.passwordHash = "$1$old$hash"
        await expectRefusal("argumentInvalid") { try await bring(bad, isDryRun: true) }
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test func `An import with an invalid email, hash, id, time or second factor is refused`()
        async throws
    {
        func refused(
            _ name: String = "argumentInvalid", _ change: (inout PortableAccount) -> Void
        ) async {
            var bad = account
            change(&bad)
            let changed = bad
            await expectRefusal(name) { try await bring(changed) }
        }
        await refused("emailInvalid") { $0.email = "nobody" }
        await refused { $0.passwordHash = "" }
        await refused { $0.passwordHash = "$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$AAAA" }
        await refused { $0.userID = "" }
        await refused { $0.userID = "../account" }
        await refused { $0.userID = String(repeating: "A", count: 26) }
        await refused { $0.createdAt = Timestamp(microseconds: .max) }
        await refused { $0.createdAt = Timestamp(microseconds: .min) }
        await refused { $0.lastLoginAt = Timestamp(seconds: 253_402_300_800) }
        for text in ["", "AAAA", "A1======", String(repeating: "A", count: 200), "ÄÖÜ"] {
            await refused { $0.secondFactor = .plain(SecretBytes(utf8: text)) }
        }
        func sealed(_ text: String) -> PortableAccount.SecondFactor {
            .sealed(
                AccountSecondFactor(
                    sealedSecret: text, enabledAt: nil, lastStep: nil,
                    recoveryCodes: RecoveryCodes()))
        }
        await refused { $0.secondFactor = sealed("server1$00000000.AAAA") }
        await refused {
            $0.userID = String(repeating: "a", count: 26)
            $0.secondFactor = sealed("v1$i=1$nonsense")
        }
        #expect(try await fixture.store.scan(after: nil, limit: 10).entities.isEmpty)
    }

    @Test
    func `An imported TOTP secret is sealed by the server key, then by the password at first use`()
        async throws
    {
        var account = account
        account.secondFactor = .plain(secret.base32)
        try await bring(account)
        #expect(try await fixture.sealedSecret().hasPrefix("server1$"))
        let clock = fixture.clock
        func code() -> SecondFactor {
            .totp(TOTP.code(secret: secret, step: TOTP.step(at: clock.now)).digits)
        }
        await expectRefusal("mfaRequired") { _ = try await fixture.loginAgain() }
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(
                secondFactor: .totp(SecretBytes(utf8: "000000")))
        }
        #expect(try await fixture.sealedSecret().hasPrefix("server1$"))
        let used = code()
        _ = try await fixture.loginAgain(secondFactor: used)
        #expect(try await fixture.sealedSecret().hasPrefix("v1$"))
        await expectRefusal("mfaCodeInvalid") {
            _ = try await fixture.loginAgain(secondFactor: used)
        }
        clock.advance(by: .seconds(30))
        _ = try await fixture.loginAgain(secondFactor: code())
    }

    @Test func `A TOTP secret sealed by the server key opens only for its own user`() async throws {
        var account = account
        account.secondFactor = .plain(secret.base32)
        try await bring(account)
        let sealed = try await fixture.sealedSecret()
        let other = PortableAccount(email: "bob@example.com", passwordHash: hash)
        var mine = account
        mine.email = "bob@example.com"
        mine.secondFactor = .plain(TOTPSecret.random().base32)
        try await bring(mine)
        try await fixture.setProperty("totpSecret", .string(sealed), of: other.email)
        await expectRefusal("mfaSecretUnreadable") {
            _ = try await fixture.loginAgain(
                email: other.email,
                secondFactor: .totp(
                    TOTP.code(secret: secret, step: TOTP.step(at: fixture.clock.now)).digits))
        }
    }

    @Test func `An exported account works unchanged after an import into another store`()
        async throws
    {
        let user = try await fixture.mfaUser()
        _ = try await fixture.login(email: "bob@example.com")
        try await authenticator.setDisabled(true, email: "bob@example.com", context: context)
        let there = try AuthenticatorFixture(clock: fixture.clock)
        let exported = try await authenticator.exportedAccounts(
            after: nil, count: 10, context: context
        ).accounts
        #expect(exported.count == 2)
        for account in exported { try await bring(account, to: there) }
        let back = try await there.authenticator.exportedAccounts(
            after: nil, count: 10, context: context
        ).accounts
        #expect(back == exported)
        let tokens = try await there.login(user, user.totp(there.clock))
        #expect(tokens.userID == user.tokens.userID)
        _ = try await there.login(user, .recovery(user.recoveryCodes[0]))
        await expectRefusal("invalidCredentials") {
            _ = try await there.loginAgain(email: "bob@example.com")
        }
        await expectRefusal("tokenRevoked") {
            _ = try await there.authenticator.refresh(
                token: user.tokens.refresh, context: context)
        }
        let stranger = try AuthenticatorFixture(
            clock: fixture.clock, serverKeys: [String(repeating: "another key ", count: 4)])
        let secured = try #require(exported.first { $0.secondFactor != nil })
        await expectRefusal("argumentInvalid") { try await bring(secured, to: stranger) }
    }

    @Test
    func `A login with an unknown email costs one bcrypt run despite a foreign hash in the store`()
        async throws
    {
        try await bring(account)
        let runs = fixture.hasher.bcryptRuns.total
        await expectRefusal("invalidCredentials") {
            _ = try await fixture.loginAgain(email: "nobody@example.com")
        }
        #expect(fixture.hasher.bcryptRuns.total == runs + 1)
    }
}
