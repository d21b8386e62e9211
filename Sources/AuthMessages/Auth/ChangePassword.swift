package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.ChangePassword`.
package struct ChangePasswordRequest: ProtobufMessage {
    /// `current_password`
    package var currentPassword = SecretBytes()
    /// `new_password`
    package var newPassword = SecretBytes()
    /// One of these two, when MFA is on.
    package var totpCode = SecretBytes()
    /// `recovery_code`
    package var recoveryCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ChangePasswordRequest>?) -> Void =
            authd__v1__change_password_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ChangePasswordRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&currentPassword, &c.current_password)
        try field.secret(&newPassword, &c.new_password)
        try field.secret(&totpCode, &c.totp_code)
        try field.secret(&recoveryCode, &c.recovery_code)
    }
}

/// The response of `AuthService.ChangePassword`.
package struct ChangePasswordResponse: ProtobufMessage {
    /// True when MFA was turned off because its secret could not be decrypted.
    package var mfaDisabled = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ChangePasswordResponse>?) -> Void =
            authd__v1__change_password_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ChangePasswordResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.boolean(&mfaDisabled, &c.mfa_disabled)
    }
}
