import AuthCore
import AuthMessages

/// `DisableMfa`: turns MFA off.
struct DisableMfaHandler: UnaryHandler {
    static let method = "DisableMfa"

    let authenticator: Authenticator

    func handle(
        _ request: DisableMfaRequest, _ call: ServiceCall
    ) async throws(AuthError) -> DisableMfaResponse {
        try await authenticator.disableMFA(
            password: request.password,
            secondFactor: try SecondFactor(
                totpCode: request.totpCode, recoveryCode: request.recoveryCode),
            accessToken: try call.accessToken(), context: call.context)
        return DisableMfaResponse()
    }
}
