package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.IssuePasswordReset`.
package struct IssuePasswordResetRequest: ProtobufMessage {
    /// `email`
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__IssuePasswordResetRequest>?) -> Void =
            authd__v1__issue_password_reset_request__init

    package mutating func visit(
        _ c: inout Authd__V1__IssuePasswordResetRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
    }
}

/// The response of `AdminService.IssuePasswordReset`.
package struct IssuePasswordResetResponse: ProtobufMessage {
    /// To be handed to the user; works once.
    package var resetToken = SecretBytes()
    /// `expires_at`
    package var expiresAt: TimestampMessage?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__IssuePasswordResetResponse>?) -> Void =
            authd__v1__issue_password_reset_response__init

    package mutating func visit(
        _ c: inout Authd__V1__IssuePasswordResetResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&resetToken, &c.reset_token)
        try field.message(&expiresAt, &c.expires_at)
    }
}
