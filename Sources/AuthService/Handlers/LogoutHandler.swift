import AuthCore
import AuthMessages
import Bytes

/// `Logout`: ends this session, or all of the user's.
struct LogoutHandler: UnaryHandler {
    static let method = "Logout"

    let authenticator: Authenticator

    func handle(
        _ request: LogoutRequest, _ call: ServiceCall
    ) async throws(AuthError) -> LogoutResponse {
        if request.refreshToken.isEmpty {
            try await authenticator.logout(
                accessToken: try call.accessToken(), allSessions: request.allSessions,
                context: call.context)
        } else {
            try await authenticator.logout(
                refreshToken: request.refreshToken, allSessions: request.allSessions,
                context: call.context)
        }
        return LogoutResponse()
    }
}
