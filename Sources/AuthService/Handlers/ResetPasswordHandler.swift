import AuthCore
import AuthMessages

/// `ResetPassword`: sets a new password with a one-time token from an administrator.
struct ResetPasswordHandler: UnaryHandler {
    static let method = "ResetPassword"

    let authenticator: Authenticator

    func handle(
        _ request: ResetPasswordRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ResetPasswordResponse {
        let outcome = try await authenticator.resetPassword(
            token: request.resetToken, new: request.newPassword, context: call.context)
        var response = ResetPasswordResponse()
        response.userID = outcome.userID
        response.mfaDisabled = outcome.turnedMFAOff
        return response
    }
}
