import AuthCore
import AuthMessages
import QRCode

/// `RegisterMfa`: starts to enroll a TOTP authenticator.
struct RegisterMfaHandler: UnaryHandler {
    static let method = "RegisterMfa"

    let authenticator: Authenticator

    func handle(
        _ request: RegisterMfaRequest, _ call: ServiceCall
    ) async throws(AuthError) -> RegisterMfaResponse {
        let enrollment = try await authenticator.registerMFA(
            password: request.password, accessToken: try call.accessToken(), context: call.context)
        var response = RegisterMfaResponse()
        response.enrollmentToken = enrollment.token
        response.secretBase32 = enrollment.secretBase32
        response.otpauthURI = enrollment.uri.text
        do {
            response.qrCodePNG = try QRCode(enrollment.uri.text).png()
        } catch {
            throw .internalFault("drawing a QR code failed: \(error)")
        }
        return response
    }
}
