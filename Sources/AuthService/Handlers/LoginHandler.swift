import AuthCore
import AuthMessages

/// `Login`: starts a session.
struct LoginHandler: UnaryHandler {
    static let method = "Login"

    let authenticator: Authenticator

    func handle(
        _ request: LoginRequest, _ call: ServiceCall
    ) async throws(AuthError) -> LoginResponse {
        let tokens = try await authenticator.login(
            email: request.email, password: request.password,
            secondFactor: try SecondFactor(
                totpCode: request.totpCode, recoveryCode: request.recoveryCode),
            context: call.context)
        var response = LoginResponse()
        response.tokens = TokenPair(tokens)
        response.sessionID = tokens.sessionID
        response.userID = tokens.userID
        if let left = tokens.recoveryCodesLeft {
            response.mfaUsed = true
            response.recoveryCodesLeft = Int32(left)
            response.recoveryCodesLow = left <= RecoveryCodes.countLow
        }
        return response
    }
}
