/// What a user with MFA presents in addition to the password. Each code works once.
public enum SecondFactor: Sendable, Equatable {
    /// An authenticator code: exactly six ASCII digits.
    case totpCode(Secret)
    /// One of the recovery codes; case, spaces and hyphens do not matter.
    case recoveryCode(Secret)
}
