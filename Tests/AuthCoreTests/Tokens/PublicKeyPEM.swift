import Bytes
import Testing

/// Writes the members of a public JSON Web Key as PEM (`SubjectPublicKeyInfo`, RFC 5280 §4.1.2.7),
/// the only form that `SignatureKey` reads: vectors come as JSON Web Keys.
enum PublicKeyPEM {
    /// RFC 3279 §2.3.1.
    static func rsa(modulus: String, exponent: String) throws -> SecretBytes {
        let numbers = field(0x30, integer(try number(modulus)) + integer(try number(exponent)))
        let algorithm = "300d06092a864886f70d0101010500"
        return try document(algorithm, numbers)
    }

    /// RFC 5480 §2; `curve` is `P-256`, `P-384` or `P-521`.
    static func ellipticCurve(_ curve: String, x: String, y: String) throws -> SecretBytes {
        let algorithms = [
            "P-256": "301306072a8648ce3d020106082a8648ce3d030107",
            "P-384": "301006072a8648ce3d020106052b81040022",
            "P-521": "301006072a8648ce3d020106052b81040023",
        ]
        return try document(#require(algorithms[curve]), [4] + number(x) + number(y))
    }

    private static func document(_ algorithm: String, _ key: [UInt8]) throws -> SecretBytes {
        let body = field(0x30, try #require(Hex.decode(algorithm)) + field(3, [0] + key))
        let lines = stride(from: 0, to: body.count, by: 48).map { start in
            Base64.standard.encode(Array(body[start..<min(start + 48, body.count)]))
        }
        let text = ["-----BEGIN PUBLIC KEY-----"] + lines + ["-----END PUBLIC KEY-----", ""]
        return SecretBytes(utf8: text.joined(separator: "\n"))
    }

    private static func number(_ text: String) throws -> [UInt8] {
        try #require(Base64.url.decode(text))
    }

    private static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let isHigh = bytes.first.map { $0 >= 0x80 } ?? true
        return field(2, isHigh ? [0] + bytes : bytes)
    }

    /// DER: tag, length, content.
    private static func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }
}
