package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.DisableMfa`.
package struct DisableMfaRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()
    /// One of these two.
    package var totpCode = SecretBytes()
    /// `recovery_code`
    package var recoveryCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__DisableMfaRequest>?) -> Void =
            authd__v1__disable_mfa_request__init

    package mutating func visit(
        _ c: inout Authd__V1__DisableMfaRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
        try field.secret(&totpCode, &c.totp_code)
        try field.secret(&recoveryCode, &c.recovery_code)
    }
}

/// The response of `AuthService.DisableMfa`.
package struct DisableMfaResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__DisableMfaResponse>?) -> Void =
            authd__v1__disable_mfa_response__init

    package mutating func visit(
        _ c: inout Authd__V1__DisableMfaResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
