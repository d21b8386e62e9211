public import Foundation

/// An account as an administrator sees it: without its secrets.
public struct UserInfo: Sendable {
    /// Opaque; never changes: 26 characters.
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
    /// Until when a factor is locked; nil when none is, or only `unlockUser` can unlock it.
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
    /// In a stable order; none is on two pages.
    public let users: [UserInfo]
    /// For the next page; nil when this is the last.
    public let next: Secret?
}

/// What an administrator hands to a user who has lost their password.
public struct PasswordResetTicket: Sendable {
    /// For `resetPassword`, once.
    public let token: Secret
    public let expiresAt: Date
}

/// An account being imported or exported, with everything needed to log in to it.
public struct PortableUser: Sendable {
    public var email: String
    /// In the form of its scheme, such as `$2b$12$…`, `$argon2id$…`, `$scrypt$…`,
    /// `$pbkdf2-sha256$…`.
    public var passwordHash: Secret
    /// Whether the hash covers the whole password. Otherwise a bcrypt hash is assumed to cover the
    /// first 72 bytes.
    public var isWholePassword = false
    public var isDisabled = false
    /// Nil for a new one.
    public var userID: String?
    /// Nil for now.
    public var createdAt: Date?
    /// Nil for never.
    public var lastLoginAt: Date?
    /// The TOTP secret of another system in base 32; nil for none.
    public var totpSecretBase32: Secret?
    /// The second factor as a daemon exported it; nil for none. Opens only with the same server
    /// key and user id.
    public var sealedMFA: SealedMFA?

    /// A second factor as a daemon stores it.
    public struct SealedMFA: Sendable {
        /// Sealed with the user's password and the server's key, or only with the server's key.
        public var sealedSecret: Secret
        public var enabledAt: Date?
        /// The last accepted step of 30 s since 1970; 0 for none.
        public var lastStep: Int64
        /// 32 bytes per unused recovery code.
        public var recoveryCodeHashes: [UInt8]

        /// A second factor with these parts.
        public init(
            sealedSecret: Secret, enabledAt: Date?, lastStep: Int64, recoveryCodeHashes: [UInt8]
        ) {
            self.sealedSecret = sealedSecret
            self.enabledAt = enabledAt
            self.lastStep = lastStep
            self.recoveryCodeHashes = recoveryCodeHashes
        }
    }

    /// An account from another system.
    public init(email: String, passwordHash: Secret) {
        self.email = email
        self.passwordHash = passwordHash
    }
}

/// What became of an imported account.
public struct ImportedUser: Sendable {
    /// Nil when a new account was only checked.
    public let userID: String?
    /// Whether it was already there, from an earlier import of the same account.
    public let wasThere: Bool
}

/// Some of all accounts, with their hashes.
public struct ExportPage: Sendable {
    public let users: [PortableUser]
    /// How many accounts are missing because their rows can't be read; the daemon's log names them.
    public let unreadableCount: Int
    /// For the next page; nil when this is the last.
    public let next: Secret?
}

/// Statistics of a daemon and its store.
public struct DaemonStats: Sendable {
    /// Release of the daemon.
    public let version: String
    public let startedAt: Date
    /// `sqlite`, `azure` or `memory`.
    public let store: String
    /// Open now.
    public let connections: Int
    /// Since the start.
    public let requests: Int
    /// Hashes now waiting for a thread.
    public let hashQueueDepth: Int
    public let hashThreads: Int
}
