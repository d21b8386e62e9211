import Bytes
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite struct SignatureTests {
    private struct File: Decodable {
        struct Vector: Decodable {
            let name: String
            let algorithm: String
            let pem: String
            let message: HexBytes
            let signature: HexBytes
            let thumbprint: String?
        }
        struct KeyOfRFC7638: Decodable {
            let pem: String
            let modulus: String
            let thumbprint: String
        }
        struct KeyOfRFC8032: Decodable {
            let pem: String
            let signatureOfNothing: HexBytes
        }
        let valid: [Vector]
        let invalid: [Vector]
        let rfc7638: KeyOfRFC7638
        let rfc8032Private: KeyOfRFC8032
    }

    private func file() throws -> File {
        try Vectors.load(File.self, "signatures.json")
    }

    private static let pairs: [(name: String, algorithm: SignatureAlgorithm)] = [
        ("rsa2048", .rs256), ("rsa2048", .ps256), ("p256", .es256), ("p384", .es384),
        ("ed25519", .edDSA),
    ]

    private static let message = Array("header.payload".utf8)

    private func isValid(
        _ signature: [UInt8], _ message: [UInt8] = message, under key: SignatureKey
    ) -> Bool {
        signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { key.isValid(signature: signature, for: $0) }
        }
    }

    @Test func `Published signatures are valid, and damaged ones are not`() throws {
        for vector in try file().valid {
            let algorithm = try #require(SignatureAlgorithm(rawValue: vector.algorithm))
            let key = try SignatureKey(pem: SecretBytes(utf8: vector.pem), algorithm: algorithm)
            #expect(!key.canSign)
            let signature = vector.signature.bytes
            #expect(isValid(signature, vector.message.bytes, under: key), "\(vector.name)")
            for bit in stride(from: 0, to: signature.count * 8, by: 3) {
                var damaged = signature
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                let stillValid = isValid(damaged, vector.message.bytes, under: key)
                #expect(!stillValid, "\(vector.name) \(bit)")
            }
            #expect(!isValid(signature, vector.message.bytes + [0], under: key))
            if let thumbprint = vector.thumbprint {
                #expect(key.jsonWebKey?.thumbprint == thumbprint)
            }
        }
    }

    @Test func `Signatures with another salt, hash or padding are not valid`() throws {
        for vector in try file().invalid {
            let algorithm = try #require(SignatureAlgorithm(rawValue: vector.algorithm))
            let key = try SignatureKey(pem: SecretBytes(utf8: vector.pem), algorithm: algorithm)
            let valid = isValid(vector.signature.bytes, vector.message.bytes, under: key)
            #expect(!valid, "\(vector.name)")
        }
    }

    @Test func `Ed25519 signing reproduces the signature of RFC 8032`() throws {
        let vector = try file().rfc8032Private
        let key = try SignatureKey(pem: SecretBytes(utf8: vector.pem))
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(try key.sign(empty) == vector.signatureOfNothing.bytes)
        #expect(isValid(vector.signatureOfNothing.bytes, [], under: key))
    }

    @Test(arguments: pairs)
    func `A signature by a private key verifies under its public key`(
        name: String, algorithm: SignatureAlgorithm
    ) throws {
        let key = try PEMKeys.key(name, algorithm)
        let publicKey = try PEMKeys.key("\(name).pub", algorithm)
        #expect(key.canSign && !publicKey.canSign)
        #expect(key.algorithm == algorithm && publicKey.algorithm == algorithm)
        #expect(key.jsonWebKey == publicKey.jsonWebKey)
        let message = SignatureTests.message
        // Enough tries that r and s have leading zeros at times, which must be kept.
        for _ in 0..<(algorithm == .es256 ? 300 : 3) {
            let signature = try message.withUnsafeBytes { try key.sign($0) }
            #expect(signature.count == [.rs256: 256, .ps256: 256, .es384: 96][algorithm] ?? 64)
            #expect(isValid(signature, under: publicKey))
        }
        #expect(throws: CryptographyError.signingUnavailable) {
            try message.withUnsafeBytes { try publicKey.sign($0) }
        }
    }

    @Test(arguments: pairs)
    func `A signature of the wrong length or content is invalid`(
        name: String, algorithm: SignatureAlgorithm
    ) throws {
        let key = try PEMKeys.key(name, algorithm)
        let signature = try SignatureTests.message.withUnsafeBytes { try key.sign($0) }
        for count in 0..<signature.count {
            #expect(!isValid(Array(signature.prefix(count)), under: key))
        }
        #expect(!isValid(signature + [0], under: key))
        #expect(!isValid([0] + signature, under: key))
        #expect(!isValid([UInt8](repeating: 0, count: signature.count), under: key))
        #expect(!isValid([UInt8](repeating: 0xFF, count: signature.count), under: key))
        #expect(!isValid(SecureRandom.bytes(signature.count), under: key))
    }

    @Test(arguments: [("p256", SignatureAlgorithm.es256), ("p384", .es384)])
    func `Degenerate ECDSA signatures are not valid`(
        name: String, algorithm: SignatureAlgorithm
    ) throws {
        let key = try PEMKeys.key(name, algorithm)
        let orders: [SignatureAlgorithm: String] = [
            .es256: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            .es384: "ffffffffffffffffffffffffffffffffffffffffffffffff"
                + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ]
        let order = try #require(orders[algorithm].flatMap(Hex.decode))
        let zero = [UInt8](repeating: 0, count: order.count)
        let one = Array(zero.dropLast() + [1])
        let high = [UInt8](repeating: 0xFF, count: order.count)
        let good = try SignatureTests.message.withUnsafeBytes { try key.sign($0) }
        let (r, s) = (Array(good.prefix(order.count)), Array(good.suffix(order.count)))
        let damaged: [[UInt8]] = [
            zero + zero, r + zero, zero + s, order + s, r + order, order + order, one + one,
            high + high, r + high, high + s, s + r,
        ]
        for signature in damaged {
            #expect(!isValid(signature, under: key))
        }
        #expect(isValid(good, under: key))
    }

    @Test func `A DER signature in place of a raw one is invalid`() throws {
        let key = try PEMKeys.key("p256", .es256)
        for _ in 0..<20 {
            let raw = try SignatureTests.message.withUnsafeBytes { try key.sign($0) }
            func integer(_ half: ArraySlice<UInt8>) -> [UInt8] {
                var bytes = Array(half.drop { $0 == 0 })
                if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
                return [2, UInt8(bytes.count)] + bytes
            }
            let fields = integer(raw.prefix(32)) + integer(raw.suffix(32))
            #expect(!isValid([0x30, UInt8(fields.count)] + fields, under: key))
        }
    }

    @Test func `A signature verifies only under the key that made it`() throws {
        let keys = try SignatureTests.pairs.map { try PEMKeys.key($0.name, $0.algorithm) }
        for signer in keys {
            let signature = try SignatureTests.message.withUnsafeBytes { try signer.sign($0) }
            for verifier in keys {
                #expect(isValid(signature, under: verifier) == (signer === verifier))
            }
        }
    }

    @Test func `The HS256 example of RFC 7515 holds`() throws {
        let secret = try #require(
            Base64.url.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
                    + "Z9CAow"))
        let key = try SignatureKey(secret: SecretBytes(secret), algorithm: .hs256)
        let message =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkz"
            + "ODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let signature = try Array(message.utf8).withUnsafeBytes { try key.sign($0) }
        #expect(Base64.url.encode(signature) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(isValid(signature, Array(message.utf8), under: key))
        #expect(key.canSign && key.jsonWebKey == nil)
    }

    @Test(arguments: [SignatureAlgorithm.hs256, .hs384, .hs512])
    func `A secret of 31 bytes is refused, and one of 32 signs and verifies`(
        algorithm: SignatureAlgorithm
    ) throws {
        #expect(throws: CryptographyError.secretTooShort(bytesMin: 32)) {
            try SignatureKey(secret: SecureRandom.secret(31), algorithm: algorithm)
        }
        let key = try SignatureKey(secret: SecureRandom.secret(32), algorithm: algorithm)
        let signature = try SignatureTests.message.withUnsafeBytes { try key.sign($0) }
        #expect(isValid(signature, under: key))
        for bit in 0..<signature.count * 8 {
            var damaged = signature
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!isValid(damaged, under: key))
        }
    }

    @Test func `A secret is refused for asymmetric algorithms, and a PEM key for symmetric ones`()
        throws
    {
        for algorithm in SignatureAlgorithm.allCases where !algorithm.isSymmetric {
            #expect(throws: CryptographyError.algorithmMismatch) {
                try SignatureKey(secret: SecureRandom.secret(64), algorithm: algorithm)
            }
        }
        for name in ["rsa2048.pub", "p256.pub", "ed25519.pub"] {
            for algorithm in SignatureAlgorithm.allCases where algorithm.isSymmetric {
                #expect(throws: CryptographyError.algorithmMismatch) {
                    try PEMKeys.key(name, algorithm)
                }
            }
        }
    }

    @Test func `The JWK of the RFC 7638 key has the published members and thumbprint`() throws {
        let vector = try file().rfc7638
        let key = try SignatureKey(pem: SecretBytes(utf8: vector.pem))
        let jsonWebKey = try #require(key.jsonWebKey)
        #expect(jsonWebKey.thumbprint == vector.thumbprint)
        let members = jsonWebKey.members.map { "\($0.name)=\($0.value)" }
        let expected = [
            "kty=RSA", "e=AQAB", "n=\(vector.modulus)", "alg=RS256", "use=sig",
            "kid=\(vector.thumbprint)",
        ]
        #expect(members == expected)
    }

    @Test func `The JWKs of EC and Ed25519 keys have the members of their type`() throws {
        let named: [(String, [String])] = [
            ("p256", ["kty=EC", "crv=P-256", "x", "y", "alg=ES256", "use=sig", "kid"]),
            ("p384", ["kty=EC", "crv=P-384", "x", "y", "alg=ES384", "use=sig", "kid"]),
            ("ed25519", ["kty=OKP", "crv=Ed25519", "x", "alg=EdDSA", "use=sig", "kid"]),
        ]
        for (name, expected) in named {
            let jsonWebKey = try #require(try PEMKeys.key(name, nil).jsonWebKey)
            let members = jsonWebKey.members.map { member in
                ["x", "y", "kid"].contains(member.name)
                    ? member.name : "\(member.name)=\(member.value)"
            }
            #expect(members == expected)
            for member in jsonWebKey.members where ["x", "y"].contains(member.name) {
                let count = try #require(Base64.url.decode(member.value)).count
                #expect(count == (name == "p384" ? 48 : 32))
            }
        }
    }
}
