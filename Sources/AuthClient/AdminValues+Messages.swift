import AuthMessages
import Foundation

extension UserInfo {
    init(_ message: User) {
        self.init(
            userID: message.userID, email: message.email, createdAt: message.createdAt.date,
            lastLoginAt: message.lastLoginAt?.date, isDisabled: message.disabled,
            isMFAEnabled: message.mfaEnabled, passwordFailures: Int(message.passwordFailures),
            totpFailures: Int(message.totpFailures),
            recoveryCodeFailures: Int(message.recoveryCodeFailures),
            lockedUntil: message.lockedUntil?.date, needsUnlock: message.needsUnlock,
            passwordScheme: message.passwordScheme, sessionCount: Int(message.sessionCount))
    }
}
