import AuthCore
import AuthMessages

/// `AdminService.DeleteUser`: removes an account and its sessions.
struct AdminDeleteUserHandler: UnaryHandler {
    static let method = "DeleteUser"
    static let auditName = "AdminDeleteUser"

    let authenticator: Authenticator

    func handle(
        _ request: AdminDeleteUserRequest, _ call: ServiceCall
    ) async throws(AuthError) -> AdminDeleteUserResponse {
        try await authenticator.removeAccount(email: request.email, context: call.context)
        return AdminDeleteUserResponse()
    }
}
