package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.ResetPassword`.
package struct ResetPasswordRequest: ProtobufMessage {
    /// The one-time token from AdminService.IssuePasswordReset.
    package var resetToken = SecretBytes()
    /// `new_password`
    package var newPassword = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ResetPasswordRequest>?) -> Void =
            authd__v1__reset_password_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ResetPasswordRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&resetToken, &c.reset_token)
        try field.secret(&newPassword, &c.new_password)
    }
}

/// The response of `AuthService.ResetPassword`.
package struct ResetPasswordResponse: ProtobufMessage {
    /// `user_id`
    package var userID = ""
    /// True when MFA was on: its secret was sealed with the old password and is gone.
    package var mfaDisabled = false

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ResetPasswordResponse>?) -> Void =
            authd__v1__reset_password_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ResetPasswordResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.boolean(&mfaDisabled, &c.mfa_disabled)
    }
}
