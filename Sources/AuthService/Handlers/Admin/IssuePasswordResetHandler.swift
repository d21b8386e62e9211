import AuthCore
import AuthMessages

/// `AdminService.IssuePasswordReset`: creates a one-time token for `ResetPassword`.
struct IssuePasswordResetHandler: UnaryHandler {
    static let method = "IssuePasswordReset"
    static let auditName = "AdminIssuePasswordReset"

    let authenticator: Authenticator

    func handle(
        _ request: IssuePasswordResetRequest, _ call: ServiceCall
    ) async throws(AuthError) -> IssuePasswordResetResponse {
        let issued = try await authenticator.issuePasswordReset(
            email: request.email, context: call.context)
        var response = IssuePasswordResetResponse()
        response.resetToken = issued.token
        response.expiresAt = TimestampMessage(issued.expiresAt)
        return response
    }
}
