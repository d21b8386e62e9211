import AuthCore
import Bytes
import Foundation
import Testing

/// The rows in `legacy_rows.json` were made with the helpers of the FastAPI application that authd
/// replaces; the file says with which parameters.
@Suite struct OldSealedTOTPSecretTests {
    private let sealing: TOTPSecretSealing

    init() throws {
        let text = SecretBytes([UInt8](repeating: 1, count: 32))
        sealing = TOTPSecretSealing(keyRing: try ServerKeyRing(current: text))
    }

    /// All rows that have a secret; at least one.
    private func rows() throws -> [(row: OldUser, text: String, base32: String)] {
        let sealed = OldUser.all.compactMap { row in
            row.totpSecretBase32.flatMap { base32 in
                row.row["totp_secret"].map { (row, $0, base32) }
            }
        }
        try #require(sealed.count == 4)
        return sealed
    }

    private func refusal(
        _ text: String, for owner: TOTPSecretSealing.Owner
    ) -> SecondFactorError? {
        do throws(SecondFactorError) {
            _ = try sealing.open(text, for: owner)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Every secret of the old application opens and needs resealing`() throws {
        for (row, text, base32) in try rows() {
            let opened = try sealing.open(text, for: row.owner)
            #expect(opened.secret.base32 == SecretBytes(utf8: base32))
            #expect(opened.needsResealing)
            let resealed = try sealing.seal(opened.secret, for: row.owner)
            let again = try sealing.open(resealed, for: row.owner)
            #expect(again.secret == opened.secret)
            #expect(!again.needsResealing)
        }
    }

    @Test func `A secret opens with either the normalised or the raw password`() throws {
        let (row, text, _) = try #require(try rows().first { $0.row.password.contains("ä") })
        let normal = SecretBytes(utf8: row.password)
        let other = SecretBytes(utf8: row.password.decomposedStringWithCanonicalMapping)
        #expect(normal != other)
        for (password, raw) in [(normal, other), (other, normal)] {
            let owner = TOTPSecretSealing.Owner(
                userID: "ada", email: row.email, password: password, rawPassword: raw)
            #expect(refusal(text, for: owner) == nil)
        }
        let neither = TOTPSecretSealing.Owner(
            userID: "ada", email: row.email, password: other, rawPassword: other)
        #expect(refusal(text, for: neither) == .unreadable)
    }

    @Test func `A secret does not open with another password, another address or another row`()
        throws
    {
        let rows = try rows()
        for (index, (row, text, _)) in rows.enumerated() {
            #expect(refusal(text, for: row.owner(password: row.password + "x")) == .unreadable)
            #expect(
                refusal(text, for: row.owner(email: "x" + row.email, password: row.password))
                    == .unreadable)
            let other = rows[(index + 1) % rows.count].row
            #expect(refusal(text, for: other.owner) == .unreadable)
        }
    }

    @Test func `A secret with a changed byte in any field does not open`() throws {
        let (row, text, _) = try rows()[0]
        let fields = text.split(separator: ":").compactMap { Base64.standard.decode(String($0)) }
        #expect(fields.map(\.count) == [16, 32, 16])
        for field in fields.indices {
            for index in fields[field].indices where index % 4 == 0 {
                var altered = fields
                altered[field][index] ^= 1
                let text = altered.map { Base64.standard.encode($0) }.joined(separator: ":")
                #expect(refusal(text, for: row.owner) == .unreadable)
            }
        }
    }

    @Test func `A truncated or reformatted secret is malformed`() throws {
        let (row, text, _) = try rows()[0]
        for count in 0..<text.count {
            #expect(refusal(String(text.prefix(count)), for: row.owner) == .malformed)
        }
        let fields = text.split(separator: ":").map(String.init)
        for altered in [
            text + "\n", text + ":", ":" + text, text.replacing("=", with: ""), text + ":AAAA",
            [fields[0], "", fields[2]].joined(separator: ":"),
            [fields[0], fields[1], "AAAA"].joined(separator: ":"),
            ["AAAAAAAAAAAAAAAA", fields[1], fields[2]].joined(separator: ":"),
            text.replacing(fields[1], with: String(repeating: "A", count: 4_000)),
        ] {
            #expect(refusal(altered, for: row.owner) == .malformed)
        }
    }
}

extension OldUser {
    fileprivate var owner: TOTPSecretSealing.Owner { owner(password: password) }

    fileprivate func owner(
        email: String? = nil, password: String
    ) -> TOTPSecretSealing.Owner {
        let raw = SecretBytes(utf8: password)
        return .init(userID: "ada", email: email ?? self.email, password: raw, rawPassword: raw)
    }
}
