public import Foundation

/// A login: the session that it started, and what it says about MFA.
public struct LoginResult: Sendable {
    public let session: SessionTokens
    /// Whether a second factor was used: MFA is on.
    public let mfaUsed: Bool
    /// How many recovery codes are left; 0 when MFA is off.
    public let recoveryCodesLeft: Int
    /// Whether so few of them are left that the user should create new ones.
    public let recoveryCodesLow: Bool

    /// The tokens of the session.
    public var tokens: Tokens { session.tokens }
    /// Names the session in `sessions` and `revokeSession`.
    public var sessionID: String { session.sessionID }
    public var userID: String { session.userID }
}

/// What a password change did besides changing the password.
public struct PasswordChange: Sendable {
    /// Whether MFA was on and was turned off. This happens after a change with a recovery code if
    /// the stored TOTP secret could not be decrypted: the user should enroll again.
    public let mfaDisabled: Bool
}

/// What an authenticator needs, and what completes the enrollment.
public struct MFAEnrollment: Sendable {
    /// For `verifyMFA`, within 10 minutes.
    public let token: Secret
    /// 160 bits in base32, for typing where nothing can be scanned.
    public let secretBase32: Secret
    /// The same as a key URI, `otpauth://totp/…`: the content of the QR code.
    public let otpauthURI: Secret
    /// The URI as a QR code: a PNG image of some kilobytes.
    public let qrCodePNG: Secret
}

/// Whether an account has MFA.
public struct MFAStatus: Sendable, Equatable {
    public let isEnabled: Bool
    /// Since when; nil when it is off, or when the time was not recorded.
    public let enabledAt: Date?
    /// How many recovery codes are still unused.
    public let recoveryCodesLeft: Int
}
