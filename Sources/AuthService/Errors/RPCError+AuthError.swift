import AuthCore
import AuthMessages
import TTRPC

extension RPCError {
    /// The status that reports `error` to a caller: a gRPC code, a message without internals, an
    /// ErrorInfo, and a RetryInfo where waiting helps.
    init(_ error: AuthError) {
        let answer = Answer(error)
        self.init(
            answer.code, answer.reason, answer.message, metadata: answer.metadata,
            retryAfter: answer.retryAfter)
    }

    /// A status with an ErrorInfo, and with a RetryInfo where there is a delay.
    init(
        _ code: RPCCode, _ reason: ErrorReason, _ message: String,
        metadata: [(String, String)] = [], retryAfter: Duration? = nil
    ) {
        self.init(
            code, message,
            details: StatusDetail.explaining(reason, metadata: metadata, retryAfter: retryAfter))
    }
}

extension ErrorReason {
    /// The reason that callers and the audit log are given for `error`.
    init(_ error: AuthError) {
        self = Answer(error).reason
    }
}

/// What a caller is told about an `AuthError`: the one table of codes, reasons and messages.
private struct Answer {
    let code: RPCCode
    let reason: ErrorReason
    let message: String
    let metadata: [(String, String)]
    let retryAfter: Duration?

    init(
        _ code: RPCCode, _ reason: ErrorReason, _ message: String,
        metadata: [(String, String)] = [], retryAfter: Duration? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.retryAfter = retryAfter
    }

    /// Without a `default`, so that a new error gets its own answer or does not compile.
    init(_ error: AuthError) {
        switch error {
        case .invalidCredentials: self = .invalidCredentials
        case .mfaRequired: self = .mfaRequired
        case .mfaCodeInvalid: self = .mfaCodeInvalid
        case .mfaAlreadyEnabled: self = .mfaAlreadyEnabled
        case .mfaNotEnabled: self = .mfaNotEnabled
        case .mfaSecretUnreadable: self = .mfaSecretUnreadable
        case .mfaEnrollmentInvalid: self = .mfaEnrollmentInvalid
        case .emailTaken: self = .emailTaken
        case .emailInvalid(let rule):
            self.init(.invalidArgument, .emailInvalid, "email: \(rule)")
        case .passwordTooWeak(let violations): self = .passwordTooWeak(violations)
        case .tokenInvalid: self = .tokenInvalid
        case .tokenExpired: self = .tokenExpired
        case .tokenRevoked: self = .tokenRevoked
        case .refreshReused: self = .refreshReused
        case .accountDisabled: self = .accountDisabled
        case .sessionNotFound: self = .sessionNotFound
        case .userNotFound: self = .userNotFound
        case .throttled(let delay): self = .throttled(delay)
        case .backupFailed(let cause): self.init(.failedPrecondition, .backupFailed, cause)
        case .overloaded(let delay): self = .overloaded(delay)
        case .storeUnavailable: self = .storeUnavailable
        case .conflict: self = .conflict
        case .deadlineExceeded: self = .deadlineExceeded
        case .cancelled: self = .cancelled
        case .argumentInvalid(let text): self.init(.invalidArgument, .argumentInvalid, text)
        case .internalFault: self = .internalFault
        }
    }
}

// Passwords and codes.
extension Answer {
    fileprivate static let invalidCredentials = Answer(
        .unauthenticated, .invalidCredentials, "wrong email or password")
    fileprivate static let mfaRequired = Answer(
        .failedPrecondition, .mfaRequired, "a TOTP or recovery code is needed")
    fileprivate static let mfaCodeInvalid = Answer(
        .unauthenticated, .mfaCodeInvalid, "the code is wrong, expired or already used")
    fileprivate static let mfaAlreadyEnabled = Answer(
        .failedPrecondition, .mfaAlreadyEnabled, "MFA is already on")
    fileprivate static let mfaNotEnabled = Answer(
        .failedPrecondition, .mfaNotEnabled, "MFA is off")
    fileprivate static let mfaSecretUnreadable = Answer(
        .failedPrecondition, .mfaSecretUnreadable,
        "the stored TOTP secret can't be decrypted; use a recovery code")
    fileprivate static let mfaEnrollmentInvalid = Answer(
        .invalidArgument, .mfaEnrollmentInvalid,
        "the enrollment token is invalid or older than 10 minutes; start again")

    fileprivate static func passwordTooWeak(_ violations: [PasswordPolicyViolation]) -> Answer {
        Answer(
            .invalidArgument, .passwordTooWeak,
            "the password is too weak. " + violations.map(\.description).joined(separator: " "),
            metadata: [("rules", violations.map(\.rawValue).joined(separator: ","))])
    }

    fileprivate static func throttled(_ delay: Duration) -> Answer {
        Answer(
            .resourceExhausted, .throttled, "too many wrong passwords or codes; try again later",
            retryAfter: delay)
    }
}

// Accounts and tokens.
extension Answer {
    fileprivate static let emailTaken = Answer(
        .alreadyExists, .emailTaken, "an account with this email already exists")
    fileprivate static let userNotFound = Answer(
        .notFound, .userNotFound, "there is no account with that email")
    fileprivate static let sessionNotFound = Answer(
        .notFound, .sessionNotFound, "the user has no such session")
    fileprivate static let accountDisabled = Answer(
        .permissionDenied, .accountDisabled, "the account is disabled")
    fileprivate static let tokenInvalid = Answer(
        .unauthenticated, .tokenInvalid, "the token is missing, malformed or not valid here")
    fileprivate static let tokenExpired = Answer(
        .unauthenticated, .tokenExpired, "the token has expired")
    fileprivate static let tokenRevoked = Answer(
        .unauthenticated, .tokenRevoked, "the session of this token has ended")
    fileprivate static let refreshReused = Answer(
        .unauthenticated, .refreshReused,
        "this refresh token was already replaced; the session has been ended: log in again")
}

// Failures that are not the caller's fault.
extension Answer {
    fileprivate static let storeUnavailable = Answer(
        .unavailable, .storeUnavailable, "the store does not answer; try again later",
        retryAfter: .seconds(1))
    fileprivate static let conflict = Answer(
        .aborted, .conflict, "the account is being changed concurrently; try again",
        retryAfter: .milliseconds(100))
    fileprivate static let deadlineExceeded = Answer(
        .deadlineExceeded, .deadlineExceeded, "the deadline of the call has passed")
    fileprivate static let cancelled = Answer(
        .cancelled, .cancelled, "the call was cancelled")
    fileprivate static let internalFault = Answer(
        .internal, .internalFault, "internal error; see the daemon's log")

    fileprivate static func overloaded(_ delay: Duration) -> Answer {
        Answer(
            .resourceExhausted, .overloaded, "too many logins at once; try again later",
            retryAfter: delay)
    }
}
