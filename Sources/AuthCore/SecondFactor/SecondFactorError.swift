package import Cryptography

/// Why a sealed secret or token does not open.
package enum SecondFactorError: Error, Equatable, Sendable {
    /// The text has no form that this program writes, or a number in it is out of bounds.
    case malformed
    /// It was sealed under another server key or password, for another account, or was altered;
    /// which of these can't be told.
    case unreadable
    /// An enrollment token was genuine once, but its time is over.
    case expired
    /// OpenSSL failed where no input can make it fail.
    case cryptography(CryptographyError)

    /// What a refusal of the cryptographic library means here.
    init(opening error: CryptographyError) {
        self = error == .authenticationFailed ? .unreadable : .cryptography(error)
    }
}
