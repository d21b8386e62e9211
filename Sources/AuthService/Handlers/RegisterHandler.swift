import AuthCore
import AuthMessages

/// `Register`: creates an account.
struct RegisterHandler: UnaryHandler {
    static let method = "Register"

    let authenticator: Authenticator

    func handle(
        _ request: RegisterRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RegisterResponse {
        let registration = try await authenticator.register(
            email: request.email, password: request.password, context: call.context)
        var response = RegisterResponse()
        response.userID = registration.userID
        response.email = registration.email
        return response
    }
}
