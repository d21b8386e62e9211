import AuthCore
import AuthMessages

/// `ChangePassword`: sets a new password and ends all other sessions.
struct ChangePasswordHandler: UnaryHandler {
    static let method = "ChangePassword"

    let authenticator: Authenticator

    func handle(
        _ request: ChangePasswordRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ChangePasswordResponse {
        var response = ChangePasswordResponse()
        response.mfaDisabled = try await authenticator.changePassword(
            current: request.currentPassword, new: request.newPassword,
            secondFactor: try SecondFactor(
                totpCode: request.totpCode, recoveryCode: request.recoveryCode),
            accessToken: try call.accessToken(), context: call.context)
        return response
    }
}
