import AuthCore
import AuthMessages

/// `AdminService.RevokeUserSessions`: ends all sessions of a user.
struct RevokeUserSessionsHandler: UnaryHandler {
    static let method = "RevokeUserSessions"
    static let auditName = "AdminRevokeUserSessions"

    let authenticator: Authenticator

    func handle(
        _ request: RevokeUserSessionsRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RevokeUserSessionsResponse {
        try await authenticator.revokeSessions(email: request.email, context: call.context)
        return RevokeUserSessionsResponse()
    }
}
