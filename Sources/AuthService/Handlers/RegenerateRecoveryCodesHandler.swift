import AuthCore
import AuthMessages

/// `RegenerateRecoveryCodes`: creates new recovery codes.
struct RegenerateRecoveryCodesHandler: UnaryHandler {
    static let method = "RegenerateRecoveryCodes"

    let authenticator: Authenticator

    func handle(
        _ request: RegenerateRecoveryCodesRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RegenerateRecoveryCodesResponse {
        var response = RegenerateRecoveryCodesResponse()
        response.recoveryCodes = try await authenticator.regenerateRecoveryCodes(
            password: request.password, code: request.totpCode,
            accessToken: try call.accessToken(), context: call.context)
        return response
    }
}
