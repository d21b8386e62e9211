import AuthCore
import AuthMessages

/// `AdminService.ResetMfa`: turns a user's MFA off.
struct ResetMfaHandler: UnaryHandler {
    static let method = "ResetMfa"
    static let auditName = "AdminResetMfa"

    let authenticator: Authenticator

    func handle(
        _ request: ResetMfaRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ResetMfaResponse {
        try await authenticator.resetMFA(email: request.email, context: call.context)
        return ResetMfaResponse()
    }
}
