/// What is known about an access token without asking the store.
///
/// A pointer in size: the usual case is created for every `VerifyToken`, and errors are large.
package enum TokenFinding: Sendable {
    /// It is valid, and its session is alive.
    case live(VerifiedToken)
    /// It is valid, and only the store knows about its session.
    case unknownSession(VerifiedToken)
    /// It is valid, but its session has ended or its account is disabled: `.tokenRevoked`,
    /// `.accountDisabled`.
    indirect case ended(VerifiedToken, AuthError)
    /// It is not valid: `.tokenInvalid`, `.tokenExpired`.
    indirect case invalid(AuthError)
}
