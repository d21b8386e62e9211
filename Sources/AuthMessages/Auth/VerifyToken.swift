package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.VerifyToken`.
package struct VerifyTokenRequest: ProtobufMessage {
    /// `access_token`
    package var accessToken = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__VerifyTokenRequest>?) -> Void =
            authd__v1__verify_token_request__init

    package mutating func visit(
        _ c: inout Authd__V1__VerifyTokenRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&accessToken, &c.access_token)
    }
}

/// The response of `AuthService.VerifyToken`. The claims of a valid access token.
package struct VerifyTokenResponse: ProtobufMessage {
    /// `sub`
    package var userID = ""
    /// `email`
    package var email = ""
    /// `sid`
    package var sessionID = ""
    /// `jti`
    package var tokenID = ""
    /// `iat`
    package var issuedAt: TimestampMessage?
    /// `exp`
    package var expiresAt: TimestampMessage?
    /// `auth_time`: when the user authenticated.
    package var authenticatedAt: TimestampMessage?
    /// `amr` (RFC 8176): "pwd", and "otp" or "recovery" with a second factor.
    package var authenticationMethods: [String] = []
    /// `iss`
    package var issuer = ""
    /// `aud`
    package var audience = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__VerifyTokenResponse>?) -> Void =
            authd__v1__verify_token_response__init

    package mutating func visit(
        _ c: inout Authd__V1__VerifyTokenResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.text(&email, &c.email)
        try field.text(&sessionID, &c.session_id)
        try field.text(&tokenID, &c.token_id)
        try field.message(&issuedAt, &c.issued_at)
        try field.message(&expiresAt, &c.expires_at)
        try field.message(&authenticatedAt, &c.authenticated_at)
        try field.texts(
            &authenticationMethods, &c.n_authentication_methods, &c.authentication_methods)
        try field.text(&issuer, &c.issuer)
        try field.text(&audience, &c.audience)
    }
}
