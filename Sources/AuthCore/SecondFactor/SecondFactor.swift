package import Bytes

/// What a caller sends beside the password, as it came.
package enum SecondFactor: Sendable {
    /// A code of the authenticator.
    case totp(SecretBytes)
    /// One of the recovery codes.
    case recovery(SecretBytes)

    /// The code of the authenticator, if it is one and well-formed.
    var totpCode: TOTPCode? {
        if case .totp(let text) = self { TOTPCode(text) } else { nil }
    }
}
