package import Storage

/// Why an operation was refused or failed. `AuthService` turns each into a gRPC status.
package enum AuthError: Error, Sendable {
    /// Unknown email, wrong password, or an account that may not log in: never told apart.
    case invalidCredentials
    /// The password is right, and the account has MFA: a code is needed too.
    case mfaRequired
    /// The TOTP or recovery code is wrong or used up.
    case mfaCodeInvalid
    /// MFA is already on.
    case mfaAlreadyEnabled
    /// MFA is off.
    case mfaNotEnabled
    /// The stored TOTP secret can't be opened: a server key is missing, or the row was altered. A
    /// recovery code still works.
    case mfaSecretUnreadable
    /// The enrollment token is not for this user and account state, or is older than 10 minutes.
    case mfaEnrollmentInvalid
    /// The address belongs to an account.
    case emailTaken
    /// The address is not one that can be stored. The text says which rule it breaks.
    case emailInvalid(String)
    /// Every rule that the new password breaks.
    case passwordTooWeak([PasswordPolicyViolation])
    /// The token is missing, malformed, of the wrong kind, or not signed by us.
    case tokenInvalid
    /// The token or its session has expired.
    case tokenExpired
    /// The token's session has been ended, or its account is gone.
    case tokenRevoked
    /// A refresh token of an older generation was used: its session has been ended.
    case refreshReused
    /// An administrator has disabled the account.
    case accountDisabled
    /// There is no such session of this user.
    case sessionNotFound
    /// There is no account with that address. Only administrators are told.
    case userNotFound
    /// Too many wrong passwords or codes, by this caller or others. Nothing was checked; try again
    /// after the given time. A disabled credential also has a time.
    case throttled(retryAfter: Duration)
    /// The store can't be copied. The text says why, for an administrator.
    case backupFailed(String)
    /// The hash queue is full. Try again after the given time.
    case overloaded(retryAfter: Duration)
    /// The store does not answer, or the outcome of a write is unknown. The error is for the log.
    case storeUnavailable(StoreError)
    /// Other writers kept changing the same account. The whole call may be repeated.
    case conflict
    /// The caller's deadline passed.
    case deadlineExceeded
    /// The caller went away.
    case cancelled
    /// A field of the request can't be used. The text says which and why.
    case argumentInvalid(String)
    /// Something failed that can't fail. The text is for the log.
    case internalFault(String)

    /// The store's failure; a caller who went away is not the store's fault.
    init(_ error: StoreError) {
        self = error == .cancelled ? .cancelled : .storeUnavailable(error)
    }
}
