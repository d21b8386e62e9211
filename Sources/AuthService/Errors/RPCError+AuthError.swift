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
    var metadata: [(String, String)] = []
    var retryAfter: Duration?

    init(_ code: RPCCode, _ reason: ErrorReason, _ message: String) {
        self.code = code
        self.reason = reason
        self.message = message
    }

    init(_ error: AuthError) {
        switch error {
        case .invalidCredentials:
            self.init(.unauthenticated, .invalidCredentials, "wrong email or password")
        case .mfaRequired, .mfaCodeInvalid, .mfaAlreadyEnabled, .mfaNotEnabled,
            .mfaSecretUnreadable, .mfaEnrollmentInvalid:
            self.init(refusedFactor: error)
        case .emailTaken:
            self.init(.alreadyExists, .emailTaken, "an account with this email already exists")
        case .emailInvalid(let rule):
            self.init(.invalidArgument, .emailInvalid, "email: \(rule)")
        case .passwordTooWeak(let violations):
            self.init(
                .invalidArgument, .passwordTooWeak,
                "the password is too weak. " + violations.map(\.description).joined(separator: " ")
            )
            metadata = [("rules", violations.map(\.rawValue).joined(separator: ","))]
        case .argumentInvalid(let text):
            self.init(.invalidArgument, .argumentInvalid, text)
        case .sessionNotFound:
            self.init(.notFound, .sessionNotFound, "the user has no such session")
        case .backupFailed(let cause):
            self.init(.failedPrecondition, .backupFailed, cause)
        case .userNotFound:
            self.init(.notFound, .userNotFound, "there is no account with that email")
        case .tokenInvalid, .tokenExpired, .tokenRevoked, .refreshReused, .accountDisabled:
            self.init(refusedToken: error)
        case .throttled, .overloaded, .storeUnavailable, .conflict, .deadlineExceeded, .cancelled,
            .internalFault:
            self.init(failed: error)
        }
    }

    private init(refusedFactor error: AuthError) {
        switch error {
        case .mfaRequired:
            self.init(.failedPrecondition, .mfaRequired, "a TOTP or recovery code is needed")
        case .mfaAlreadyEnabled:
            self.init(.failedPrecondition, .mfaAlreadyEnabled, "MFA is already on")
        case .mfaNotEnabled:
            self.init(.failedPrecondition, .mfaNotEnabled, "MFA is off")
        case .mfaSecretUnreadable:
            self.init(
                .failedPrecondition, .mfaSecretUnreadable,
                "the stored TOTP secret can't be decrypted; use a recovery code")
        case .mfaEnrollmentInvalid:
            self.init(
                .invalidArgument, .mfaEnrollmentInvalid,
                "the enrollment token is invalid or older than 10 minutes; start again")
        default:
            self.init(
                .unauthenticated, .mfaCodeInvalid, "the code is wrong, expired or already used")
        }
    }

    private init(refusedToken error: AuthError) {
        switch error {
        case .tokenExpired:
            self.init(.unauthenticated, .tokenExpired, "the token has expired")
        case .tokenRevoked:
            self.init(.unauthenticated, .tokenRevoked, "the session of this token has ended")
        case .refreshReused:
            self.init(
                .unauthenticated, .refreshReused,
                "this refresh token was already replaced; the session has been ended: log in again")
        case .accountDisabled:
            self.init(.permissionDenied, .accountDisabled, "the account is disabled")
        default:
            self.init(
                .unauthenticated, .tokenInvalid, "the token is missing, malformed or not valid here"
            )
        }
    }

    private init(failed error: AuthError) {
        switch error {
        case .throttled(let delay):
            self.init(
                .resourceExhausted, .throttled, "too many wrong passwords or codes; try again later"
            )
            retryAfter = delay
        case .overloaded(let delay):
            self.init(.resourceExhausted, .overloaded, "too many logins at once; try again later")
            retryAfter = delay
        case .storeUnavailable:
            self.init(.unavailable, .storeUnavailable, "the store does not answer; try again later")
            retryAfter = .seconds(1)
        case .conflict:
            self.init(.aborted, .conflict, "the account is being changed concurrently; try again")
            retryAfter = .milliseconds(100)
        case .deadlineExceeded:
            self.init(.deadlineExceeded, .deadlineExceeded, "the deadline of the call has passed")
        case .cancelled:
            self.init(.cancelled, .cancelled, "the call was cancelled")
        default:
            self.init(.internal, .internalFault, "internal error; see the daemon's log")
        }
    }
}
