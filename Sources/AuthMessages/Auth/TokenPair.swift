package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// What a session's owner holds.
package struct TokenPair: ProtobufMessage {
    /// JWT of type at+jwt: for `authorization: Bearer`.
    package var accessToken = SecretBytes()
    /// `access_token_expires_at`
    package var accessTokenExpiresAt: TimestampMessage?
    /// JWT of type rt+jwt: only for Refresh and Logout. Replaced by each Refresh.
    package var refreshToken = SecretBytes()
    /// `refresh_token_expires_at`
    package var refreshTokenExpiresAt: TimestampMessage?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__TokenPair>?) -> Void =
            authd__v1__token_pair__init

    package mutating func visit(
        _ c: inout Authd__V1__TokenPair, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&accessToken, &c.access_token)
        try field.message(&accessTokenExpiresAt, &c.access_token_expires_at)
        try field.secret(&refreshToken, &c.refresh_token)
        try field.message(&refreshTokenExpiresAt, &c.refresh_token_expires_at)
    }
}
