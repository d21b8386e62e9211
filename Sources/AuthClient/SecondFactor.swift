/// What a user with MFA shows beside the password. Each code works once.
public enum SecondFactor: Sendable, Equatable {
    /// A code of the authenticator: exactly six ASCII digits.
    case totpCode(Secret)
    /// One of the recovery codes; case, spaces and hyphens do not matter.
    case recoveryCode(Secret)
}
