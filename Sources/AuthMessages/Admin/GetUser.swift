package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.GetUser`.
package struct GetUserRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetUserRequest>?) -> Void =
            authd__v1__get_user_request__init

    package mutating func visit(
        _ c: inout Authd__V1__GetUserRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.GetUser`.
package struct GetUserResponse: ProtobufMessage {
    /// `user`
    package var user: User?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetUserResponse>?) -> Void =
            authd__v1__get_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__GetUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.message(&user, &c.user)
    }
}
