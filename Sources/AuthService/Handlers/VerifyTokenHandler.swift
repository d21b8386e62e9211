import AuthCore
import AuthMessages
import Bytes
import ProtobufCodec
import TTRPC

/// `VerifyToken`: checks an access token and says what it claims.
///
/// The most frequent call by far: it is answered in place when the cache knows the session.
struct VerifyTokenHandler: UnaryHandler {
    static let method = "VerifyToken"

    let authenticator: Authenticator

    func handle(
        _ request: VerifyTokenRequest, _ call: ServiceCall
    ) async throws(AuthError) -> VerifyTokenResponse {
        VerifyTokenResponse(
            try await authenticator.verifyToken(request.accessToken, context: call.context))
    }

    /// The answer, or nil when the store must be asked. Refusals go the long way, too, where they
    /// are audited.
    func answerInPlace(_ payload: UnsafeRawBufferPointer) throws(RPCError) -> SecretBytes? {
        do {
            let request = try VerifyTokenRequest(decoding: payload)
            let claims = try request.accessToken.withUnsafeBytes { token in
                try authenticator.verifyTokenFromCache(token)
            }
            return try claims.map { try VerifyTokenResponse($0).encoded() }
        } catch {
            return nil
        }
    }
}
