import COpenSSL

/// A hash function of FIPS 180-4, as the base of HMAC, HKDF and PBKDF2.
package enum HashAlgorithm: Sendable, CaseIterable {
    /// Only inside HMAC (TOTP, old data), and to look up breached passwords (`BreachDigest`).
    case sha1
    case sha256
    case sha384
    case sha512

    /// The length of a digest, in bytes.
    package var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// OpenSSL's name. A `StaticString`, because OpenSSL keeps the pointer in its parameter lists.
    var name: StaticString {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }
}

extension StaticString {
    /// The text as a C string that lives as long as the process.
    var cString: UnsafePointer<CChar> {
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
