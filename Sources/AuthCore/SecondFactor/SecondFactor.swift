package import Bytes

/// What a caller sends with the password, as received.
package enum SecondFactor: Sendable {
    /// An authenticator code.
    case totp(SecretBytes)
    /// One of the recovery codes.
    case recovery(SecretBytes)

    /// What it is counted as if it is wrong.
    var credential: Credential {
        switch self {
        case .totp: .totpCode
        case .recovery: .recoveryCode
        }
    }

    /// The authenticator code, if it is one and well-formed.
    var totpCode: TOTPCode? {
        if case .totp(let text) = self { TOTPCode(text) } else { nil }
    }
}
