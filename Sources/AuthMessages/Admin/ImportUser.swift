package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.ImportUser`.
package struct ImportUserRequest: ProtobufMessage {
    /// `email`
    package var email = ""
    /// In the form of its scheme, such as "$2b$12$…" or "$argon2id$…".
    package var passwordHash = SecretBytes()
    /// Base32; sealed at the user's first login. Empty for none.
    package var totpSecretBase32 = SecretBytes()
    /// `disabled`
    package var disabled = false
    /// Check only: nothing is stored.
    package var dryRun = false
    /// As returned by ExportUsers; empty for a new one.
    package var userID = ""
    /// Absent: now.
    package var createdAt: TimestampMessage?
    /// `last_login_at`
    package var lastLoginAt: TimestampMessage?
    /// The hash covers the whole password, not only its first 72 bytes.
    package var wholePassword = false
    /// Instead of `totpSecretBase32`.
    package var mfa: SealedMfa?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ImportUserRequest>?) -> Void =
            authd__v1__import_user_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ImportUserRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
        try field.secret(&passwordHash, &c.password_hash)
        try field.secret(&totpSecretBase32, &c.totp_secret_base32)
        try field.boolean(&disabled, &c.disabled)
        try field.boolean(&dryRun, &c.dry_run)
        try field.text(&userID, &c.user_id)
        try field.message(&createdAt, &c.created_at)
        try field.message(&lastLoginAt, &c.last_login_at)
        try field.boolean(&wholePassword, &c.whole_password)
        try field.message(&mfa, &c.mfa)
    }
}

/// The response of `AdminService.ImportUser`.
package struct ImportUserResponse: ProtobufMessage {
    /// `user_id`
    package var userID = ""
    /// From an earlier import of the same line. Nothing was changed.
    package var alreadyThere = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ImportUserResponse>?) -> Void =
            authd__v1__import_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ImportUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.boolean(&alreadyThere, &c.already_there)
    }
}
