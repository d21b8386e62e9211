package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.VerifyMfa`.
package struct VerifyMfaRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()
    /// `enrollment_token`
    package var enrollmentToken = SecretBytes()
    /// The first code of the authenticator; it is used up.
    package var totpCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__VerifyMfaRequest>?) -> Void =
            authd__v1__verify_mfa_request__init

    package mutating func visit(
        _ c: inout Authd__V1__VerifyMfaRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
        try field.secret(&enrollmentToken, &c.enrollment_token)
        try field.secret(&totpCode, &c.totp_code)
    }
}

/// The response of `AuthService.VerifyMfa`.
package struct VerifyMfaResponse: ProtobufMessage {
    /// 10 codes, each for one use, shown only this once.
    package var recoveryCodes: [SecretBytes] = []

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__VerifyMfaResponse>?) -> Void =
            authd__v1__verify_mfa_response__init

    package mutating func visit(
        _ c: inout Authd__V1__VerifyMfaResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secrets(&recoveryCodes, &c.n_recovery_codes, &c.recovery_codes)
    }
}
