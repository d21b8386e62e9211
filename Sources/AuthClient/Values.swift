public import Foundation

/// A new account.
public struct Registration: Sendable {
    /// Opaque; never changes: 26 characters.
    public let userID: String
    /// The address as it is stored.
    public let email: String
}

/// What a session's owner holds.
public struct Tokens: Sendable {
    /// For `authorization: Bearer`, and for every call here that asks for an access token.
    public let access: Secret
    public let accessExpiresAt: Date
    /// Only for `refresh` and `logout`. Replaced by each refresh.
    public let refresh: Secret
    public let refreshExpiresAt: Date
}

/// A session that was started or renewed.
public struct SessionTokens: Sendable {
    public let tokens: Tokens
    /// Names the session in `sessions` and `revokeSession`.
    public let sessionID: String
    public let userID: String
}

/// What a valid access token says.
public struct TokenClaims: Sendable {
    public let userID: String
    public let email: String
    public let sessionID: String
    public let tokenID: String
    public let issuedAt: Date
    public let expiresAt: Date
    /// When the user authenticated.
    public let authenticatedAt: Date
    /// RFC 8176: `pwd`, and `otp` or `recovery` with a second factor.
    public let authenticationMethods: [String]
    public let issuer: String
    public let audience: String
}

/// One of a user's sessions.
public struct SessionInfo: Sendable {
    public let sessionID: String
    /// Label given at login; may be empty.
    public let clientName: String
    /// End user's address at login; may be empty.
    public let clientAddress: String
    public let createdAt: Date
    /// Login or last refresh.
    public let lastUsedAt: Date
    /// When it ends if it is not refreshed before.
    public let expiresAt: Date
    /// Whether it is the session of the access token that asked.
    public let isCurrent: Bool
    public let authenticationMethods: [String]
}

/// Whether the daemon can serve calls.
public enum Health: String, Sendable {
    case serving
    /// The store does not answer, or the daemon is stopping.
    case notServing = "not serving"
    case unknown
}

/// What a password reset did.
public struct PasswordReset: Sendable {
    public let userID: String
    /// Whether MFA was on and is off now: its secret was sealed with the old password.
    public let turnedMFAOff: Bool
}
