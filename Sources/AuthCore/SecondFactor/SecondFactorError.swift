package import Cryptography

/// Why a sealed secret or token can't be opened.
package enum SecondFactorError: Error, Equatable, Sendable {
    /// The text does not have a form that this program writes, or a number in it is out of bounds.
    case malformed
    /// It was sealed under another server key or password, for another account, or was altered;
    /// there is no telling which.
    case unreadable
    /// An enrollment token was genuine, but has expired.
    case expired
    /// OpenSSL failed where no input can make it fail.
    case cryptography(CryptographyError)

    /// What an error of the cryptographic library means here.
    init(opening error: CryptographyError) {
        self = error == .authenticationFailed ? .unreadable : .cryptography(error)
    }
}
