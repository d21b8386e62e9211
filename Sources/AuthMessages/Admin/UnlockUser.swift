package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.UnlockUser`.
package struct UnlockUserRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__UnlockUserRequest>?) -> Void =
            authd__v1__unlock_user_request__init

    package mutating func visit(
        _ c: inout Authd__V1__UnlockUserRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.UnlockUser`.
package struct UnlockUserResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__UnlockUserResponse>?) -> Void =
            authd__v1__unlock_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__UnlockUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
