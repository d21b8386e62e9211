import Bytes
import Cryptography
import TestSupport
import Testing

/// The keys of `Tests/Vectors/pem_keys.json`.
struct PEMKeys: Decodable {
    struct Key: Decodable {
        let name: String
        let pem: String
        let outcome: String
    }
    let keys: [Key]

    static func pem(_ name: String) throws -> String {
        let file = try Vectors.load(PEMKeys.self, "pem_keys.json")
        return try #require(file.keys.first { $0.name == name }).pem
    }

    static func key(_ name: String, _ algorithm: SignatureAlgorithm?) throws -> SignatureKey {
        try SignatureKey(pem: SecretBytes(utf8: pem(name)), algorithm: algorithm)
    }
}
