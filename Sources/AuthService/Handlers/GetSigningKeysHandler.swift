import AuthCore
import AuthMessages

/// `GetSigningKeys`: the public keys that verify access tokens.
struct GetSigningKeysHandler: UnaryHandler {
    static let method = "GetSigningKeys"

    let authenticator: Authenticator

    func handle(
        _ request: GetSigningKeysRequest, _ call: ServiceCall
    ) async throws(AuthError) -> GetSigningKeysResponse {
        var response = GetSigningKeysResponse()
        response.jwksJSON = authenticator.signingKeys
        return response
    }
}
