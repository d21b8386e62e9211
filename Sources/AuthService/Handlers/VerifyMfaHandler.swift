import AuthCore
import AuthMessages

/// `VerifyMfa`: finishes the enrollment; MFA is on.
struct VerifyMfaHandler: UnaryHandler {
    static let method = "VerifyMfa"

    let authenticator: Authenticator

    func handle(
        _ request: VerifyMfaRequest, _ call: ServiceCall
    ) async throws(AuthError) -> VerifyMfaResponse {
        var response = VerifyMfaResponse()
        response.recoveryCodes = try await authenticator.verifyMFA(
            password: request.password, enrollmentToken: request.enrollmentToken,
            code: request.totpCode, accessToken: try call.accessToken(), context: call.context)
        return response
    }
}
