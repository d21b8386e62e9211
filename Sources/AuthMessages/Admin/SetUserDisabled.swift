package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.SetUserDisabled`.
package struct SetUserDisabledRequest: ProtobufMessage {
    /// `email`
    package var email = ""
    /// `disabled`
    package var disabled = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__SetUserDisabledRequest>?) -> Void =
            authd__v1__set_user_disabled_request__init

    package mutating func visit(
        _ c: inout Authd__V1__SetUserDisabledRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
        try field.boolean(&disabled, &c.disabled)
    }
}

/// The response of `AdminService.SetUserDisabled`.
package struct SetUserDisabledResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__SetUserDisabledResponse>?) -> Void =
            authd__v1__set_user_disabled_response__init

    package mutating func visit(
        _ c: inout Authd__V1__SetUserDisabledResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
