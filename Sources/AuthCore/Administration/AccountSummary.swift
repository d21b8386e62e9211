package import Bytes
import Cryptography
package import Storage

/// An account as an administrator sees it: without its secrets.
package struct AccountSummary: Sendable, Equatable {
    /// The `sub` of tokens.
    package let userID: String
    /// The stored form of the address.
    package let email: String
    package let createdAt: Timestamp
    /// Nil when the user never logged in.
    package let lastLoginAt: Timestamp?
    package let isDisabled: Bool
    package let hasSecondFactor: Bool
    /// Scheme and cost of the stored hash, such as `bcrypt 12`.
    package let passwordScheme: String
    /// Live sessions.
    package let sessionCount: Int

    /// Wrong passwords and codes in a row.
    package let failures: AccountFailures
    /// Until when a credential is locked; nil when none is, or only an administrator can unlock it.
    package let lockedUntil: Timestamp?
    /// Whether a credential is locked until an administrator unlocks it.
    package let needsUnlock: Bool

    init(
        _ record: AccountRecord, at now: Timestamp, policy: SessionPolicy, lockout: LockoutPolicy
    ) {
        userID = record.account.userID
        email = record.account.email
        createdAt = record.account.createdAt
        lastLoginAt = record.account.lastLoginAt
        isDisabled = record.account.isDisabled
        hasSecondFactor = record.account.secondFactor != nil
        passwordScheme =
            (try? PasswordHash(parsing: record.account.passwordHash))?.name ?? "unknown"
        sessionCount = record.sessions.count {
            record.isLive($0.session, at: now, policy: policy)
        }
        let failures = record.account.failures
        self.failures = failures
        needsUnlock = Credential.allCases.contains { failures[$0].isDisabled(lockout) }
        lockedUntil = needsUnlock ? nil : failures.lockedUntil(at: now, lockout)
    }
}

/// Some of the accounts of a listing.
package struct AccountPage<Element: Sendable>: Sendable {
    /// In a stable order; none is on two pages.
    package let accounts: [Element]
    /// How many are missing, because their rows can't be read.
    package let unreadableCount: Int
    /// Where the next page starts; nil when this is the last. A page may be empty and still have
    /// a next page.
    package let next: SecretBytes?
}
