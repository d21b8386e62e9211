import AuthCore
import AuthMessages

/// `GetMfaStatus`: whether MFA is on.
struct GetMfaStatusHandler: UnaryHandler {
    static let method = "GetMfaStatus"

    let authenticator: Authenticator

    func handle(
        _ request: GetMfaStatusRequest, _ call: ServiceCall
    ) async throws(AuthError) -> GetMfaStatusResponse {
        let status = try await authenticator.mfaStatus(
            accessToken: try call.accessToken(), context: call.context)
        var response = GetMfaStatusResponse()
        response.enabled = status.isEnabled
        response.enabledAt = status.enabledAt.map { TimestampMessage($0) }
        response.recoveryCodesLeft = Int32(status.recoveryCodesLeft)
        return response
    }
}
