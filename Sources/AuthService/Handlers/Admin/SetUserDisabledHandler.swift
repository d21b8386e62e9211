import AuthCore
import AuthMessages

/// `AdminService.SetUserDisabled`: disables an account, or re-enables it.
struct SetUserDisabledHandler: UnaryHandler {
    static let method = "SetUserDisabled"
    static let auditName = "AdminSetUserDisabled"

    let authenticator: Authenticator

    func handle(
        _ request: SetUserDisabledRequest, _ call: ServiceCall
    ) async throws(AuthError) -> SetUserDisabledResponse {
        try await authenticator.setDisabled(
            request.disabled, email: request.email, context: call.context)
        return SetUserDisabledResponse()
    }
}
