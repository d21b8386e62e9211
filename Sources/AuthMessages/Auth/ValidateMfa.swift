package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.ValidateMfa`.
package struct ValidateMfaRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()
    /// `totp_code`
    package var totpCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ValidateMfaRequest>?) -> Void =
            authd__v1__validate_mfa_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ValidateMfaRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
        try field.secret(&totpCode, &c.totp_code)
    }
}

/// The response of `AuthService.ValidateMfa`.
package struct ValidateMfaResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ValidateMfaResponse>?) -> Void =
            authd__v1__validate_mfa_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ValidateMfaResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
