import AuthCore
import AuthMessages

/// `AdminService.UnlockUser`: clears the failure counters of an account.
struct UnlockUserHandler: UnaryHandler {
    static let method = "UnlockUser"
    static let auditName = "AdminUnlockUser"

    let authenticator: Authenticator

    func handle(
        _ request: UnlockUserRequest, _ call: ServiceCall
    ) async throws(AuthError) -> UnlockUserResponse {
        try await authenticator.unlock(email: request.email, context: call.context)
        return UnlockUserResponse()
    }
}
