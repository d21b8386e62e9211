package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.DeleteUser`.
package struct DeleteUserRequest: ProtobufMessage {
    /// `password`
    package var password = SecretBytes()
    /// One of these two, when MFA is on.
    package var totpCode = SecretBytes()
    /// `recovery_code`
    package var recoveryCode = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__DeleteUserRequest>?) -> Void =
            authd__v1__delete_user_request__init

    package mutating func visit(
        _ c: inout Authd__V1__DeleteUserRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&password, &c.password)
        try field.secret(&totpCode, &c.totp_code)
        try field.secret(&recoveryCode, &c.recovery_code)
    }
}

/// The response of `AuthService.DeleteUser`.
package struct DeleteUserResponse: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__DeleteUserResponse>?) -> Void =
            authd__v1__delete_user_response__init

    package mutating func visit(
        _ c: inout Authd__V1__DeleteUserResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}
