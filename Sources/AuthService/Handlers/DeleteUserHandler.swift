import AuthCore
import AuthMessages

/// `DeleteUser`: removes the account and its sessions.
struct DeleteUserHandler: UnaryHandler {
    static let method = "DeleteUser"

    let authenticator: Authenticator

    func handle(
        _ request: DeleteUserRequest, _ call: ServiceCall
    ) async throws(AuthError) -> DeleteUserResponse {
        try await authenticator.deleteUser(
            password: request.password,
            secondFactor: try SecondFactor(
                totpCode: request.totpCode, recoveryCode: request.recoveryCode),
            accessToken: try call.accessToken(), context: call.context)
        return DeleteUserResponse()
    }
}
