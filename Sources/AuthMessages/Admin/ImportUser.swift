package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.ImportUser`.
package struct ImportUserRequest: ProtobufMessage {
    /// `email`
    package var email = ""
    /// In the form of its scheme, such as "$2b$12$…" or "$argon2id$…".
    package var passwordHash = SecretBytes()
    /// Base 32; sealed at the user's first login. Empty for none.
    package var totpSecretBase32 = SecretBytes()
    /// `disabled`
    package var disabled = false
    /// Check only: nothing is stored.
    package var dryRun = false

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
    }
}

/// The response of `AdminService.ImportUser`.
package struct ImportUserResponse: ProtobufMessage {
    /// `user_id`
    package var userID = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ImportUserResponse>?) -> Void =
            authd__v1__import_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ImportUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
    }
}
