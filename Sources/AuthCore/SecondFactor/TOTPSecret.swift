package import Bytes
import Cryptography

/// The key that an account shares with its authenticator.
package struct TOTPSecret: Sendable, Equatable {
    /// The length of a new secret in bytes: 160 bits, as RFC 4226 §4 recommends.
    package static let byteCount = 20
    /// What a stored secret may have: authenticators were once enrolled with 80 bits, and more than
    /// SHA-1's block size is useless.
    package static let byteCounts = 10...64

    /// The secret itself.
    package let bytes: SecretBytes

    /// - Parameter bytes: what was stored; nil for a count outside `byteCounts`.
    package init?(_ bytes: SecretBytes) {
        guard TOTPSecret.byteCounts.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    private init(random: Void) {
        bytes = SecureRandom.secret(TOTPSecret.byteCount)
    }

    /// A new secret.
    package static func random() -> TOTPSecret {
        TOTPSecret(random: ())
    }

    /// The secret as users type it if they can't scan: base32 without padding.
    package var base32: SecretBytes { Base32.encode(bytes) }
}
