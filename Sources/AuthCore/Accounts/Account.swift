package import Storage

/// A user: one email, one password, and the generation of his sessions.
package struct Account: Sendable, Equatable {
    /// Opaque and for ever: 26 characters. The `sub` of tokens.
    package let userID: String
    /// The stored form of the address.
    package let email: String
    /// The text form of a `PasswordHash`.
    package var passwordHash: String
    /// Whether the hash was made by an application that cut passwords at 72 bytes.
    package var passwordMayBeTruncated = false
    /// Sessions of an earlier epoch are dead. Goes up by one to end them all.
    package var sessionEpoch: Int64 = 0
    /// At most so many session rows are in the account's partition, those of earlier epochs too;
    /// nil when nobody has counted them. Goes up with each login; a count brings it down again.
    package var sessionRowsMax: Int64? = 0
    /// Set by an administrator.
    package var isDisabled = false
    package let createdAt: Timestamp
    package var passwordChangedAt: Timestamp
    package var lastLoginAt: Timestamp?
    /// The second factor; nil while MFA is off.
    package var secondFactor: AccountSecondFactor?
    /// How often MFA went on or off. An enrollment begun in an earlier epoch can't be finished.
    package var mfaEpoch: Int64 = 0
    /// Wrong passwords and codes since the last right ones.
    package var failures = AccountFailures()
    /// A password reset that was begun; nil for none.
    package var passwordReset: PendingPasswordReset?
    /// Where the account was before; nil when it was made here.
    package var movedFrom: AccountOrigin?
    /// SHA-256 over user id and password hash as they were imported; nil where the account was not.
    /// By this a repeated import knows the account when the hash has been replaced.
    package var importDigest: [UInt8]?
    /// Properties of the row that this version does not know; kept as they are.
    package var unknownProperties: EntityProperties = [:]

    package init(userID: String, email: String, passwordHash: String, createdAt: Timestamp) {
        self.userID = userID
        self.email = email
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        passwordChangedAt = createdAt
    }

    /// Takes a new password of the user's choice: a reset that was begun before is off.
    ///
    /// - Parameters:
    ///   - hash: of the whole new password.
    ///   - now: the present moment in UTC.
    mutating func setPassword(_ hash: String, at now: Timestamp) {
        passwordHash = hash
        passwordMayBeTruncated = false
        passwordChangedAt = now
        passwordReset = nil
    }
}
