package import Bytes
package import Storage

/// An account on its way into a store or out of it, with what is needed to log in to it.
package struct PortableAccount: Sendable, Equatable {
    /// In any spelling on the way in, as it is stored on the way out.
    package var email: String
    /// The text form of a `PasswordHash`.
    package var passwordHash: String
    /// Whether the hash is of the whole password, where plain bcrypt looks at 72 bytes only.
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
        /// The secret in base 32, from another system.
        case plain(SecretBytes)
        /// As a store of ours keeps it.
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
