/// The `reason` of every `google.rpc.ErrorInfo` that authd sends, in the domain `authd`.
package enum ErrorReason: String, CaseIterable, Sendable {
    /// Unknown email or wrong password; never which.
    case invalidCredentials = "INVALID_CREDENTIALS"
    /// A second factor is needed.
    case mfaRequired = "MFA_REQUIRED"
    /// The TOTP or recovery code is wrong or used up.
    case mfaCodeInvalid = "MFA_CODE_INVALID"
    /// MFA is already on.
    case mfaAlreadyEnabled = "MFA_ALREADY_ENABLED"
    /// MFA is off.
    case mfaNotEnabled = "MFA_NOT_ENABLED"
    /// The stored TOTP secret can't be decrypted; a recovery code still works.
    case mfaSecretUnreadable = "MFA_SECRET_UNREADABLE"
    /// The enrollment token is wrong or too old: start again with RegisterMfa.
    case mfaEnrollmentInvalid = "MFA_ENROLLMENT_INVALID"
    /// The address belongs to an account.
    case emailTaken = "EMAIL_TAKEN"
    /// The address can't be stored.
    case emailInvalid = "EMAIL_INVALID"
    /// The new password breaks a rule; the metadata lists each.
    case passwordTooWeak = "PASSWORD_TOO_WEAK"
    /// The token is missing, malformed, of the wrong kind, or not issued by us.
    case tokenInvalid = "TOKEN_INVALID"
    /// The token or the session has expired.
    case tokenExpired = "TOKEN_EXPIRED"
    /// The session was ended or the account is gone.
    case tokenRevoked = "TOKEN_REVOKED"
    /// An old refresh token was used; its session has been ended.
    case refreshReused = "REFRESH_REUSED"
    /// Too many failures; RetryInfo says when to try again.
    case throttled = "THROTTLED"
    /// An administrator has disabled the account.
    case accountDisabled = "ACCOUNT_DISABLED"
    /// The caller is not listed, or not for this RPC.
    case callerNotAllowed = "CALLER_NOT_ALLOWED"
    /// The RPC is for administrators, and the caller is not one or at the wrong socket.
    case adminRequired = "ADMIN_REQUIRED"
    /// The audit log can't be written, and the operator allows no call without it.
    case auditUnavailable = "AUDIT_UNAVAILABLE"
    /// No such session of this user.
    case sessionNotFound = "SESSION_NOT_FOUND"
    /// No such account; only administrators are told.
    case userNotFound = "USER_NOT_FOUND"
    /// The store can't be copied; the message says why.
    case backupFailed = "BACKUP_FAILED"
    /// Too many hashes are waiting; RetryInfo says when to try again.
    case overloaded = "OVERLOADED"
    /// The store does not answer.
    case storeUnavailable = "STORE_UNAVAILABLE"
    /// Other calls kept changing the same account; the call may be repeated.
    case conflict = "CONFLICT"
    /// The request's deadline passed.
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    /// The caller went away, or the daemon is stopping.
    case cancelled = "CANCELLED"
    /// A field of the request, or the request as a whole, can't be used.
    case argumentInvalid = "ARGUMENT_INVALID"
    /// There is no such service or method.
    case methodUnknown = "METHOD_UNKNOWN"
    /// The health of a service that does not exist was requested.
    case serviceUnknown = "SERVICE_UNKNOWN"
    /// The request is too long; the metadata says the limit.
    case requestTooLarge = "REQUEST_TOO_LARGE"
    /// The stream id is even or was used before: a bug in the client's library.
    case streamIDInvalid = "STREAM_ID_INVALID"
    /// The daemon is stopping; another one, or the same after its restart, will answer.
    case shuttingDown = "SHUTTING_DOWN"
    /// An error in the daemon; see its log.
    case internalFault = "INTERNAL"

    /// The `domain` of every reason.
    package static let domain = "authd"
}
