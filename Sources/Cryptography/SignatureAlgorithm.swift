/// A signature algorithm of JOSE (RFC 7518 §3.1, RFC 8037 §3.1); the raw value is its `alg` name.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// HMAC with SHA-256.
    case hs256 = "HS256"
    /// HMAC with SHA-384.
    case hs384 = "HS384"
    /// HMAC with SHA-512.
    case hs512 = "HS512"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    case ps256 = "PS256"
    /// ECDSA on P-256 with SHA-256; 64 bytes r‖s.
    case es256 = "ES256"
    /// ECDSA on P-384 with SHA-384; 96 bytes r‖s.
    case es384 = "ES384"
    /// Ed25519; 64 bytes.
    case edDSA = "EdDSA"

    /// Whether one secret both signs and verifies.
    package var isSymmetric: Bool {
        switch self {
        case .hs256, .hs384, .hs512: true
        case .rs256, .ps256, .es256, .es384, .edDSA: false
        }
    }

    /// The hash function; nil if the algorithm hashes by itself (EdDSA).
    var hash: HashAlgorithm? {
        switch self {
        case .hs256, .rs256, .ps256, .es256: .sha256
        case .hs384, .es384: .sha384
        case .hs512: .sha512
        case .edDSA: nil
        }
    }
}
