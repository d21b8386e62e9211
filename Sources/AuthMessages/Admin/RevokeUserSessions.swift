package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.RevokeUserSessions`.
package struct RevokeUserSessionsRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RevokeUserSessionsRequest>?) -> Void =
            authd__v1__revoke_user_sessions_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RevokeUserSessionsRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.RevokeUserSessions`.
package struct RevokeUserSessionsResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RevokeUserSessionsResponse>?) -> Void =
            authd__v1__revoke_user_sessions_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RevokeUserSessionsResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
