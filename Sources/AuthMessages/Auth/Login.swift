package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.Login`.
package struct LoginRequest: ProtobufMessage {
    /// `email`
    package var email = ""
    /// At most 1,024 bytes.
    package var password = SecretBytes()
    /// Six ASCII digits from the authenticator, when MFA is on.
    package var totpCode = SecretBytes()
    /// One of the recovery codes, instead of a TOTP code. Case and separators do not matter.
    package var recoveryCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__LoginRequest>?) -> Void =
            authd__v1__login_request__init

    package mutating func visit(
        _ c: inout Authd__V1__LoginRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
        try field.secret(&password, &c.password)
        try field.secret(&totpCode, &c.totp_code)
        try field.secret(&recoveryCode, &c.recovery_code)
    }
}

/// The response of `AuthService.Login`.
package struct LoginResponse: ProtobufMessage {
    /// `tokens`
    package var tokens: TokenPair?
    /// Names the session in ListSessions and RevokeSession: 26 characters.
    package var sessionID = ""
    /// `user_id`
    package var userID = ""
    /// Whether a second factor was used.
    package var mfaUsed = false
    /// How many recovery codes are left, when MFA is on.
    package var recoveryCodesLeft: Int32 = 0
    /// True when so few recovery codes are left that the user should create new ones.
    package var recoveryCodesLow = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__LoginResponse>?) -> Void =
            authd__v1__login_response__init

    package mutating func visit(
        _ c: inout Authd__V1__LoginResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.message(&tokens, &c.tokens)
        try field.text(&sessionID, &c.session_id)
        try field.text(&userID, &c.user_id)
        try field.boolean(&mfaUsed, &c.mfa_used)
        try field.integer(&recoveryCodesLeft, &c.recovery_codes_left)
        try field.boolean(&recoveryCodesLow, &c.recovery_codes_low)
    }
}
