package import Bytes

/// What a caller sends beside the password, as it came.
package enum SecondFactor: Sendable {
    /// A code of the authenticator.
    case totp(SecretBytes)
    /// One of the recovery codes.
    case recovery(SecretBytes)

    /// What it is counted as when it is wrong.
    var credential: Credential {
        switch self {
        case .totp: .totpCode
        case .recovery: .recoveryCode
        }
    }

    /// The code of the authenticator, if it is one and well-formed.
    var totpCode: TOTPCode? {
        if case .totp(let text) = self { TOTPCode(text) } else { nil }
    }
}
