import AuthCore
import AuthMessages

/// `Refresh`: renews a session's tokens.
struct RefreshHandler: UnaryHandler {
    static let method = "Refresh"

    let authenticator: Authenticator

    func handle(
        _ request: RefreshRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RefreshResponse {
        let tokens = try await authenticator.refresh(
            token: request.refreshToken, context: call.context)
        var response = RefreshResponse()
        response.tokens = TokenPair(tokens)
        response.sessionID = tokens.sessionID
        response.userID = tokens.userID
        return response
    }
}
