package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.GetMfaStatus`.
package struct GetMfaStatusRequest: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetMfaStatusRequest>?) -> Void =
            authd__v1__get_mfa_status_request__init

    package mutating func visit(
        _ c: inout Authd__V1__GetMfaStatusRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}

/// The response of `AuthService.GetMfaStatus`.
package struct GetMfaStatusResponse: ProtobufMessage {
    /// `enabled`
    package var enabled = false
    /// Absent when MFA is off.
    package var enabledAt: TimestampMessage?
    /// `recovery_codes_left`
    package var recoveryCodesLeft: Int32 = 0

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetMfaStatusResponse>?) -> Void =
            authd__v1__get_mfa_status_response__init

    package mutating func visit(
        _ c: inout Authd__V1__GetMfaStatusResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.boolean(&enabled, &c.enabled)
        try field.message(&enabledAt, &c.enabled_at)
        try field.integer(&recoveryCodesLeft, &c.recovery_codes_left)
    }
}
