package import CAuthdProto
package import ProtobufCodec

/// An account, without its secrets.
package struct User: ProtobufMessage {
    /// `user_id`
    package var userID = ""
    /// `email`
    package var email = ""
    /// `created_at`
    package var createdAt: TimestampMessage?
    /// Absent when the user never logged in.
    package var lastLoginAt: TimestampMessage?
    /// `disabled`
    package var disabled = false
    /// `mfa_enabled`
    package var mfaEnabled = false
    /// Consecutive failures, by factor.
    package var passwordFailures: Int32 = 0
    /// `totp_failures`
    package var totpFailures: Int32 = 0
    /// `recovery_code_failures`
    package var recoveryCodeFailures: Int32 = 0
    /// Absent when no factor is locked, or one is locked until UnlockUser.
    package var lockedUntil: TimestampMessage?
    /// Scheme and cost of the stored hash, such as "bcrypt 12".
    package var passwordScheme = ""
    /// Live sessions.
    package var sessionCount: Int32 = 0
    /// A factor failed so often that only UnlockUser can unlock it.
    package var needsUnlock = false

    package init() {}

    package static let initializeC: @Sendable (UnsafeMutablePointer<Authd__V1__User>?) -> Void =
        authd__v1__user__init

    package mutating func visit(
        _ c: inout Authd__V1__User, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.text(&email, &c.email)
        try field.message(&createdAt, &c.created_at)
        try field.message(&lastLoginAt, &c.last_login_at)
        try field.boolean(&disabled, &c.disabled)
        try field.boolean(&mfaEnabled, &c.mfa_enabled)
        try field.integer(&passwordFailures, &c.password_failures)
        try field.integer(&totpFailures, &c.totp_failures)
        try field.integer(&recoveryCodeFailures, &c.recovery_code_failures)
        try field.message(&lockedUntil, &c.locked_until)
        try field.text(&passwordScheme, &c.password_scheme)
        try field.integer(&sessionCount, &c.session_count)
        try field.boolean(&needsUnlock, &c.needs_unlock)
    }
}
