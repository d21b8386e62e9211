import AuthMessages
import Bytes
import Foundation

extension TimestampMessage {
    /// The moment as a Foundation date.
    var date: Date {
        Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1_000_000_000)
    }
}

extension Optional<TimestampMessage> {
    /// The moment, or the epoch if the daemon sent none.
    var date: Date { self?.date ?? Date(timeIntervalSince1970: 0) }
}

extension SessionTokens {
    init(
        _ pair: TokenPair?, sessionID: String, userID: String
    ) throws(AuthClientError) {
        guard let pair, !pair.accessToken.isEmpty, !pair.refreshToken.isEmpty else {
            throw .protocolViolation("the daemon answered without tokens")
        }
        self.init(
            tokens: Tokens(
                access: Secret(pair.accessToken),
                accessExpiresAt: pair.accessTokenExpiresAt.date,
                refresh: Secret(pair.refreshToken),
                refreshExpiresAt: pair.refreshTokenExpiresAt.date), sessionID: sessionID,
            userID: userID)
    }
}

extension TokenClaims {
    init(_ message: VerifyTokenResponse) {
        self.init(
            userID: message.userID, email: message.email, sessionID: message.sessionID,
            tokenID: message.tokenID, issuedAt: message.issuedAt.date,
            expiresAt: message.expiresAt.date, authenticatedAt: message.authenticatedAt.date,
            authenticationMethods: message.authenticationMethods, issuer: message.issuer,
            audience: message.audience)
    }
}

extension SessionInfo {
    init(_ message: Session) {
        self.init(
            sessionID: message.sessionID, clientName: message.clientName,
            clientAddress: message.clientAddress, createdAt: message.createdAt.date,
            lastUsedAt: message.lastUsedAt.date, expiresAt: message.expiresAt.date,
            isCurrent: message.current, authenticationMethods: message.authenticationMethods)
    }
}
