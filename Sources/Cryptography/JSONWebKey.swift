import Bytes

/// A public key as JSON Web Key members (RFC 7517, RFC 7518 §6, RFC 8037 §2).
///
/// There is no way to make one of a symmetric secret.
package struct JSONWebKey: Sendable, Equatable {
    /// One member of the JSON object; values are always strings.
    package struct Member: Sendable, Equatable {
        /// The member's name, ASCII.
        package let name: String
        /// The member's value: ASCII without characters that JSON escapes.
        package let value: String
    }

    /// All members for a key set, in order: `kty`, the key's own, `alg`, `use` (`sig`), `kid`.
    package let members: [Member]
    /// The SHA-256 thumbprint in base64url, 43 characters (RFC 7638 §3; RFC 8037 §2): the `kid`.
    package let thumbprint: String

    /// - Throws: `libraryFailure`.
    init(_ key: AsymmetricKey) throws(CryptographyError) {
        func number(_ name: String, _ count: Int? = nil) throws(CryptographyError) -> String {
            Base64.url.encode(try key.publicNumber(name, count: count))
        }
        // In the order of their names, as the thumbprint takes them (RFC 7638 §3.2, §3.3).
        let required: [Member]
        switch key.algorithm {
        case .rs256, .ps256:
            required = [
                Member(name: "e", value: try number("e")),
                Member(name: "kty", value: "RSA"),
                Member(name: "n", value: try number("n")),
            ]
        case .es256, .es384:
            let (curve, count) = key.algorithm == .es256 ? ("P-256", 32) : ("P-384", 48)
            required = [
                Member(name: "crv", value: curve),
                Member(name: "kty", value: "EC"),
                Member(name: "x", value: try number("qx", count)),
                Member(name: "y", value: try number("qy", count)),
            ]
        case .edDSA:
            required = [
                Member(name: "crv", value: "Ed25519"),
                Member(name: "kty", value: "OKP"),
                Member(name: "x", value: Base64.url.encode(try key.publicPoint())),
            ]
        case .hs256, .hs384, .hs512:
            preconditionFailure("an asymmetric key never has a symmetric algorithm")
        }
        let fields = required.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",")
        thumbprint = Base64.url.encode(SHA256.digest(Array("{\(fields)}".utf8)))
        members =
            required.filter { $0.name == "kty" } + required.filter { $0.name != "kty" } + [
                Member(name: "alg", value: key.algorithm.rawValue),
                Member(name: "use", value: "sig"),
                Member(name: "kid", value: thumbprint),
            ]
    }
}
