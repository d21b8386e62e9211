package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.ResetMfa`.
package struct ResetMfaRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ResetMfaRequest>?) -> Void =
            authd__v1__reset_mfa_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ResetMfaRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.ResetMfa`.
package struct ResetMfaResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ResetMfaResponse>?) -> Void =
            authd__v1__reset_mfa_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ResetMfaResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
