package import Storage

/// A password reset that an administrator has started and the user has not completed.
package struct PendingPasswordReset: Sendable, Equatable {
    /// SHA-256 of the one-time token, see `PasswordResetToken`.
    package let tokenHash: [UInt8]
    /// When the token expires.
    package let expiresAt: Timestamp

    package init(tokenHash: [UInt8], expiresAt: Timestamp) {
        self.tokenHash = tokenHash
        self.expiresAt = expiresAt
    }
}

extension PendingPasswordReset {
    /// Reads its part of an account's row; nil when there is none.
    ///
    /// - Throws: `.corrupt` when a property has the wrong type or size.
    init?(_ fields: inout EntityFields) throws(StoreError) {
        let tokenHash = try fields.optionalBinary("resetTokenHash")
        let expiresAt = try fields.optionalTimestamp("resetExpiresAt")
        guard let tokenHash else { return nil }
        guard tokenHash.count == 32, let expiresAt else { throw fields.bad("resetTokenHash") }
        self.init(tokenHash: tokenHash, expiresAt: expiresAt)
    }

    /// Its part of the row.
    var properties: EntityProperties {
        ["resetTokenHash": .binary(tokenHash), "resetExpiresAt": .timestamp(expiresAt)]
    }
}
