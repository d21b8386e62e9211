import AuthCore
import AuthMessages

/// `ValidateMfa`: tests a code, which uses it up.
struct ValidateMfaHandler: UnaryHandler {
    static let method = "ValidateMfa"

    let authenticator: Authenticator

    func handle(
        _ request: ValidateMfaRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ValidateMfaResponse {
        try await authenticator.validateMFA(
            password: request.password, code: request.totpCode,
            accessToken: try call.accessToken(), context: call.context)
        return ValidateMfaResponse()
    }
}
