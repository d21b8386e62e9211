package import Bytes
package import Storage

/// An account being imported or exported, with everything needed to log in to it.
package struct PortableAccount: Sendable, Equatable {
    /// In any spelling when imported, in its stored form when exported.
    package var email: String
    /// The text form of a `PasswordHash`.
    package var passwordHash: String
    /// Whether the hash covers the whole password, although plain bcrypt only reads 72 bytes.
    package var isWholePassword = false
    package var isDisabled = false
    /// Nil for a new one.
    package var userID: String?
    /// Nil for now.
    package var createdAt: Timestamp?
    package var lastLoginAt: Timestamp?
    /// The second factor; nil when MFA is off.
    package var secondFactor: SecondFactor?

    /// A second factor as it travels.
    package enum SecondFactor: Sendable, Equatable {
        /// The secret in base32, from another system.
        case plain(SecretBytes)
        /// As our store keeps it.
        case sealed(AccountSecondFactor)
    }

    package init(email: String, passwordHash: String) {
        self.email = email
        self.passwordHash = passwordHash
    }

    /// - Parameter account: as it is stored.
    init(_ account: Account) {
        email = account.email
        passwordHash = account.passwordHash
        isWholePassword = !account.passwordMayBeTruncated
        isDisabled = account.isDisabled
        userID = account.userID
        createdAt = account.createdAt
        lastLoginAt = account.lastLoginAt
        secondFactor = account.secondFactor.map { .sealed($0) }
    }
}
