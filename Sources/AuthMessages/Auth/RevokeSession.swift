package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.RevokeSession`.
package struct RevokeSessionRequest: ProtobufMessage {
    /// `session_id`
    package var sessionID = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RevokeSessionRequest>?) -> Void =
            authd__v1__revoke_session_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RevokeSessionRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&sessionID, &c.session_id)
    }
}

/// The response of `AuthService.RevokeSession`.
package struct RevokeSessionResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RevokeSessionResponse>?) -> Void =
            authd__v1__revoke_session_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RevokeSessionResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
