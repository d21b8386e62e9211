import Bytes
import Cryptography
import Foundation
import Testing

// The part of Wycheproof's JWS file that a key alone decides. Headers are compared here in the
// simplest way; reading tokens is not this target's.
@Suite struct SignatureWycheproofTests {
    private struct File: Decodable {
        struct Group: Decodable {
            let comment: String
            let `private`: [String: Member]?
            let `public`: [String: Member]?
            let tests: [Case]
        }
        struct Case: Decodable {
            let tcId: Int
            let comment: String
            let jws: Member
            let result: String
        }
        let testGroups: [Group]
    }

    /// A string; lists (`key_ops`) and objects (the JSON serialization) are of no use here.
    private struct Member: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    /// Cases that are decided otherwise than the file says, because the file is wrong about them.
    private static let decidedOtherwise = [
        // Signed with PS384 under a key whose own `alg` is PS256: the key decides (RFC 8725 §3.1).
        346: false, 350: false,
        // Meant to show wrong padding, but the file lost it: both are the text of case 357, which
        // is valid.
        367: true, 370: true,
        // A `?` inside the base 64, which RFC 7515 §2 does not let a reader skip.
        372: false, 373: false,
    ]

    private func key(of group: File.Group) throws -> SignatureKey? {
        let members = (group.public ?? group.private ?? [:]).compactMapValues(\.text)
        guard let name = members["alg"], let algorithm = SignatureAlgorithm(rawValue: name) else {
            return nil
        }
        func member(_ name: String) throws -> String { try #require(members[name]) }
        switch members["kty"] {
        case "oct":
            let secret = try #require(Base64.url.decode(member("k")))
            return try SignatureKey(secret: SecretBytes(secret), algorithm: algorithm)
        case "RSA":
            let pem = try PublicKeyPEM.rsa(modulus: member("n"), exponent: member("e"))
            return try SignatureKey(pem: pem, algorithm: algorithm)
        default:
            let pem = try PublicKeyPEM.ellipticCurve(
                member("crv"), x: member("x"), y: member("y"))
            return try SignatureKey(pem: pem, algorithm: algorithm)
        }
    }

    private func accepts(_ token: String, _ key: SignatureKey) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.url.decode(String(parts[0])),
            Base64.url.decode(String(parts[1])) != nil,
            let signature = Base64.url.decode(String(parts[2])),
            let fields = try? JSONSerialization.jsonObject(with: Data(header)) as? [String: Any],
            fields["alg"] as? String == key.algorithm.rawValue, fields["crit"] == nil
        else { return false }
        return signature.withUnsafeBytes { signature in
            Array("\(parts[0]).\(parts[1])".utf8).withUnsafeBytes {
                key.isValid(signature: signature, for: $0)
            }
        }
    }

    @Test(.wycheproof)
    func `Wycheproof's signatures are decided as published, but for its mistakes`() throws {
        let file = try Vectors.loadWycheproof(File.self, "json_web_signature_test.json")
        var decided = 0
        for group in file.testGroups {
            guard let key = try key(of: group) else { continue }
            for test in group.tests {
                let accepted = accepts(test.jws.text ?? "", key)
                let expected =
                    SignatureWycheproofTests.decidedOtherwise[test.tcId]
                    ?? (test.result == "valid")
                #expect(
                    accepted == expected, "\(test.tcId) \(group.comment): \(test.comment)")
                decided += 1
            }
        }
        #expect(decided > 300)
    }
}
