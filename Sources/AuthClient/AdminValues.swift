public import Foundation

/// An account as an administrator sees it: without its secrets.
public struct UserInfo: Sendable {
    /// Opaque and for ever: 26 characters.
    public let userID: String
    public let email: String
    public let createdAt: Date
    /// Nil when the user never logged in.
    public let lastLoginAt: Date?
    public let isDisabled: Bool
    public let isMFAEnabled: Bool
    /// Consecutive wrong passwords.
    public let passwordFailures: Int
    /// Consecutive wrong TOTP codes.
    public let totpFailures: Int
    /// Consecutive wrong recovery codes.
    public let recoveryCodeFailures: Int
    /// Until when a factor is locked; nil when none is, or only `unlockUser` opens it.
    public let lockedUntil: Date?
    /// Whether a factor is locked until `unlockUser`.
    public let needsUnlock: Bool
    /// Scheme and cost of the stored hash, such as `bcrypt 12`.
    public let passwordScheme: String
    /// Live sessions.
    public let sessionCount: Int
}

/// Some of all accounts.
public struct UserPage: Sendable {
    /// In an order that does not change; none is on two pages.
    public let users: [UserInfo]
    /// For the next page; nil when this is the last.
    public let next: Secret?
}

/// What an administrator hands to a user who has lost his password.
public struct PasswordResetTicket: Sendable {
    /// For `resetPassword`, once.
    public let token: Secret
    public let expiresAt: Date
}
