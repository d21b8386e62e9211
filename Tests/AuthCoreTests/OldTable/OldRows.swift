import AuthCore
import Bytes
import Foundation
import Storage
import TestSupport
import Testing

/// A row of the old application with what its user knows; those of `legacy_rows.json` were made with
/// the application's own code.
struct OldUser: Decodable, Sendable {
    let email: String
    let password: String
    let totpSecretBase32: String?
    let row: [String: String]

    enum CodingKeys: String, CodingKey {
        case email, password, row
        case totpSecretBase32 = "totp_secret_base32"
    }

    static let all: [OldUser] = {
        struct File: Decodable {
            let rows: [OldUser]
        }
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Vectors/legacy_rows.json")
        guard let data = try? Data(contentsOf: file),
            let rows = try? JSONDecoder().decode(File.self, from: data).rows
        else { preconditionFailure("legacy_rows.json can't be read") }
        return rows
    }()

    /// Without and with a second factor. Their hashes have cost 12, as all of the application's.
    static let ada = all[0]
    static let grace = all[1]

    static let table = OldTable(name: "Users")

    var key: EntityKey { key(email) }
    func key(_ row: String) -> EntityKey { EntityKey(partition: "Users", row: row) }
    var secretBytes: SecretBytes { SecretBytes(utf8: password) }
    var partition: String { AccountPartition(email: email).name }
    var accountKey: EntityKey { EntityKey(partition: partition, row: "account") }

    /// The code of his authenticator.
    func totp(_ clock: TestClock) throws -> SecondFactor? {
        guard let totpSecretBase32 else { return nil }
        let bytes = try #require(Base32.decode(SecretBytes(utf8: totpSecretBase32)))
        let secret = try #require(TOTPSecret(bytes))
        return .totp(TOTP.code(secret: secret, step: TOTP.step(at: clock.now)).digits)
    }

    /// Puts his row into a store, named by `row` and with `extra` besides; gives its version back.
    @discardableResult
    func insert(
        into store: any EntityStore, row: String? = nil, extra: EntityProperties = [:]
    ) async throws -> ETag {
        var properties = extra
        for name in ["password_hash", "totp_secret"] {
            if let text = self.row[name] { properties[name] = .string(text) }
        }
        let insert = EntityOperation.insert(key(row ?? email), properties)
        return try #require(try await store.transact(partition: "Users", [insert])[0])
    }

    /// Logs him in.
    func login(
        _ fixture: AuthenticatorFixture, as spelling: String? = nil
    ) async throws -> IssuedTokens {
        try await fixture.loginAgain(
            email: spelling ?? email, password: secretBytes,
            secondFactor: try totp(fixture.clock))
    }
}

extension AuthenticatorFixture {
    /// A daemon that knows the old table.
    static func withOldTable(
        _ store: any EntityStore = MemoryStore(), clock: TestClock = TestClock()
    ) throws -> AuthenticatorFixture {
        try AuthenticatorFixture(store: store, oldTable: OldUser.table, clock: clock)
    }

    /// Everything that is stored.
    func entities() async throws -> [EntityKey: Entity] {
        let page = try await store.scan(after: nil, limit: 1_000)
        return Dictionary(uniqueKeysWithValues: page.entities.map { ($0.key, $0) })
    }
}
