package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.RegisterMfa`.
package struct RegisterMfaRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegisterMfaRequest>?) -> Void =
            authd__v1__register_mfa_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RegisterMfaRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
    }
}

/// The response of `AuthService.RegisterMfa`.
package struct RegisterMfaResponse: ProtobufMessage {
    /// For VerifyMfa, within 10 minutes.
    package var enrollmentToken = SecretBytes()
    /// 160 bits in base32, for typing where no QR code can be scanned.
    package var secretBase32 = SecretBytes()
    /// Key URI: otpauth://totp/…
    package var otpauthURI = SecretBytes()
    /// The URI as a QR code: a PNG image.
    package var qrCodePNG = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegisterMfaResponse>?) -> Void =
            authd__v1__register_mfa_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RegisterMfaResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&enrollmentToken, &c.enrollment_token)
        try field.secret(&secretBase32, &c.secret_base32)
        try field.secret(&otpauthURI, &c.otpauth_uri)
        try field.secret(&qrCodePNG, &c.qr_code_png)
    }
}
