import AuthCore
import AuthMessages

/// `AdminService.GetUser`: one account, without its secrets.
struct GetUserHandler: UnaryHandler {
    static let method = "GetUser"
    static let auditName = "AdminGetUser"

    let authenticator: Authenticator

    func handle(
        _ request: GetUserRequest, _ call: ServiceCall
    ) async throws(AuthError) -> GetUserResponse {
        var response = GetUserResponse()
        response.user = User(
            try await authenticator.account(email: request.email, context: call.context))
        return response
    }
}
