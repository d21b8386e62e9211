import Bytes
import Cryptography
import TestSupport
import Testing

@testable import AuthCore

/// Wycheproof's JWS file, read by what reads the daemon's tokens.
@Suite struct JSONWebSignatureWycheproofTests {
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

    private func key(of group: File.Group) throws -> TokenKey? {
        let members = (group.public ?? group.private ?? [:]).compactMapValues(\.text)
        guard let name = members["alg"], let algorithm = SignatureAlgorithm(rawValue: name) else {
            return nil
        }
        func member(_ name: String) throws -> String { try #require(members[name]) }
        let key =
            switch members["kty"] {
            case "oct":
                try SignatureKey(
                    secret: SecretBytes(#require(Base64.url.decode(member("k")))),
                    algorithm: algorithm)
            case "RSA":
                try SignatureKey(
                    pem: PublicKeyPEM.rsa(modulus: member("n"), exponent: member("e")),
                    algorithm: algorithm)
            default:
                try SignatureKey(
                    pem: PublicKeyPEM.ellipticCurve(
                        member("crv"), x: member("x"), y: member("y")),
                    algorithm: algorithm)
            }
        return TokenKey(key, type: nil, keyID: members["kid"])
    }

    private func accepts(_ token: String, _ key: TokenKey) -> Bool {
        Array(token.utf8).withUnsafeBytes {
            (try? JSONWebSignature.verify($0, with: [key])) != nil
        }
    }

    @Test(.wycheproof)
    func `Wycheproof's signatures verify as published, except where its file is wrong`() throws {
        let file = try Vectors.loadWycheproof(File.self, "json_web_signature_test.json")
        var decided = 0
        for group in file.testGroups {
            guard let key = try key(of: group) else { continue }
            for test in group.tests {
                let accepted = accepts(test.jws.text ?? "", key)
                let expected =
                    JSONWebSignatureWycheproofTests.decidedOtherwise[test.tcId]
                    ?? (test.result == "valid")
                #expect(
                    accepted == expected, "\(test.tcId) \(group.comment): \(test.comment)")
                decided += 1
            }
        }
        #expect(decided > 300)
    }
}
