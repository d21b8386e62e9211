import AuthClient
import Foundation

/// A login as it is saved between two commands.
struct StoredTokens: Codable {
    /// The daemon it belongs to.
    var socket: String
    var email: String
    var userID: String
    var sessionID: String
    var accessToken: String
    var accessExpiresAt: Date
    var refreshToken: String
    var refreshExpiresAt: Date

    init(_ session: SessionTokens, email: String, socket: String) {
        self.socket = socket
        self.email = email
        userID = session.userID
        sessionID = session.sessionID
        accessToken = session.tokens.access.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        accessExpiresAt = session.tokens.accessExpiresAt
        refreshToken = session.tokens.refresh.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        refreshExpiresAt = session.tokens.refreshExpiresAt
    }

    /// The access token.
    var access: Secret { Secret(utf8: accessToken) }

    /// The refresh token.
    var refresh: Secret { Secret(utf8: refreshToken) }
}
