package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.RegenerateRecoveryCodes`.
package struct RegenerateRecoveryCodesRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()
    /// `totp_code`
    package var totpCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegenerateRecoveryCodesRequest>?) -> Void =
            authd__v1__regenerate_recovery_codes_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RegenerateRecoveryCodesRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
        try field.secret(&totpCode, &c.totp_code)
    }
}

/// The response of `AuthService.RegenerateRecoveryCodes`.
package struct RegenerateRecoveryCodesResponse: ProtobufMessage {
    /// `recovery_codes`
    package var recoveryCodes: [SecretBytes] = []

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegenerateRecoveryCodesResponse>?) -> Void =
            authd__v1__regenerate_recovery_codes_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RegenerateRecoveryCodesResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secrets(&recoveryCodes, &c.n_recovery_codes, &c.recovery_codes)
    }
}
