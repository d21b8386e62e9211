package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.DeleteUser`.
package struct AdminDeleteUserRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__AdminDeleteUserRequest>?) -> Void =
            authd__v1__admin_delete_user_request__init

    package mutating func visit(
        _ c: inout Authd__V1__AdminDeleteUserRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.DeleteUser`.
package struct AdminDeleteUserResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__AdminDeleteUserResponse>?) -> Void =
            authd__v1__admin_delete_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__AdminDeleteUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
