import AuthCore
import AuthMessages
import Storage

extension TimestampMessage {
    init(_ timestamp: Timestamp) {
        self.init(microseconds: timestamp.microseconds)
    }
}

extension TokenPair {
    init(_ tokens: IssuedTokens) {
        self.init()
        accessToken = tokens.access
        accessTokenExpiresAt = TimestampMessage(tokens.accessExpiresAt)
        refreshToken = tokens.refresh
        refreshTokenExpiresAt = TimestampMessage(tokens.refreshExpiresAt)
    }
}

extension VerifyTokenResponse {
    init(_ claims: AccessTokenClaims) {
        self.init()
        userID = claims.userID
        email = claims.email
        sessionID = claims.sessionID
        tokenID = claims.tokenID
        issuedAt = TimestampMessage(claims.issuedAt)
        expiresAt = TimestampMessage(claims.expiresAt)
        authenticatedAt = TimestampMessage(claims.authenticatedAt)
        authenticationMethods = claims.authenticationMethods
        issuer = claims.issuer
        audience = claims.audience
    }
}

extension AuthMessages.Session {
    init(_ summary: Authenticator.SessionSummary) {
        self.init()
        sessionID = summary.session.sessionID
        clientName = summary.session.clientName
        clientAddress = summary.session.clientAddress
        createdAt = TimestampMessage(summary.session.createdAt)
        lastUsedAt = TimestampMessage(summary.session.rotatedAt)
        expiresAt = TimestampMessage(summary.expiresAt)
        current = summary.isCurrent
        authenticationMethods = summary.session.authenticationMethods
    }
}

extension AuthMessages.User {
    init(_ summary: AccountSummary) {
        self.init()
        userID = summary.userID
        email = summary.email
        createdAt = TimestampMessage(summary.createdAt)
        lastLoginAt = summary.lastLoginAt.map { TimestampMessage($0) }
        disabled = summary.isDisabled
        mfaEnabled = summary.hasSecondFactor
        passwordFailures = Int32(clamping: summary.failures.password.failures)
        totpFailures = Int32(clamping: summary.failures.totpCode.failures)
        recoveryCodeFailures = Int32(clamping: summary.failures.recoveryCode.failures)
        lockedUntil = summary.lockedUntil.map { TimestampMessage($0) }
        needsUnlock = summary.needsUnlock
        passwordScheme = summary.passwordScheme
        sessionCount = Int32(summary.sessionCount)
    }
}
