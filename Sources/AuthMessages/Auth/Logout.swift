package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.Logout`.
package struct LogoutRequest: ProtobufMessage {
    /// Instead of an access token in the metadata.
    package var refreshToken = SecretBytes()
    /// All sessions of the user, not only this one.
    package var allSessions = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__LogoutRequest>?) -> Void =
            authd__v1__logout_request__init

    package mutating func visit(
        _ c: inout Authd__V1__LogoutRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&refreshToken, &c.refresh_token)
        try field.boolean(&allSessions, &c.all_sessions)
    }
}

/// The response of `AuthService.Logout`.
package struct LogoutResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__LogoutResponse>?) -> Void =
            authd__v1__logout_response__init

    package mutating func visit(
        _ c: inout Authd__V1__LogoutResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
