package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.Refresh`.
package struct RefreshRequest: ProtobufMessage {
    /// `refresh_token`
    package var refreshToken = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RefreshRequest>?) -> Void =
            authd__v1__refresh_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RefreshRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&refreshToken, &c.refresh_token)
    }
}

/// The response of `AuthService.Refresh`.
package struct RefreshResponse: ProtobufMessage {
    /// `tokens`
    package var tokens: TokenPair?
    /// `session_id`
    package var sessionID = ""
    /// `user_id`
    package var userID = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RefreshResponse>?) -> Void =
            authd__v1__refresh_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RefreshResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.message(&tokens, &c.tokens)
        try field.text(&sessionID, &c.session_id)
        try field.text(&userID, &c.user_id)
    }
}
