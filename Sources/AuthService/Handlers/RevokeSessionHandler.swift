import AuthCore
import AuthMessages

/// `RevokeSession`: ends one of the user's sessions.
struct RevokeSessionHandler: UnaryHandler {
    static let method = "RevokeSession"

    let authenticator: Authenticator

    func handle(
        _ request: RevokeSessionRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RevokeSessionResponse {
        try await authenticator.revokeSession(
            request.sessionID, accessToken: try call.accessToken(), context: call.context)
        return RevokeSessionResponse()
    }
}
