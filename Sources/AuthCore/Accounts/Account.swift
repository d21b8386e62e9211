package import Storage

/// A user: one email, one password, and the epoch of their sessions.
package struct Account: Sendable, Equatable {
    /// Opaque; never changes: 26 characters. The `sub` of tokens.
    package let userID: String
    /// The stored form of the address.
    package let email: String
    /// The text form of a `PasswordHash`.
    package var passwordHash: String
    /// Whether the hash was made by an application that truncated passwords to 72 bytes.
    package var passwordMayBeTruncated = false
    /// Sessions of an earlier epoch are dead. Goes up by one to end them all.
    package var sessionEpoch: Int64 = 0
    /// Upper bound for the session rows in the account's partition, including earlier epochs;
    /// nil when nobody has counted them. Goes up with each login; a count brings it down again.
    package var sessionRowsMax: Int64? = 0
    /// Set by an administrator.
    package var isDisabled = false
    package let createdAt: Timestamp
    package var passwordChangedAt: Timestamp
    package var lastLoginAt: Timestamp?
    /// The second factor; nil while MFA is off.
    package var secondFactor: AccountSecondFactor?
    /// How often MFA was turned on or off. An enrollment begun in an earlier epoch can't be
    /// finished.
    package var mfaEpoch: Int64 = 0
    /// Wrong passwords and codes since the last right ones.
    package var failures = AccountFailures()
    /// A pending password reset; nil for none.
    package var passwordReset: PendingPasswordReset?
    /// Where the account came from; nil when it was created here.
    package var movedFrom: AccountOrigin?
    /// SHA-256 over user id and password hash as they were imported; nil if the account was not.
    /// With it, a repeated import recognizes the account after the hash has been replaced.
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

    /// Takes a new password chosen by the user, which cancels a pending reset.
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
