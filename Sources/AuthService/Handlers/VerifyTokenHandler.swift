import AuthCore
import AuthMessages
import Bytes
import Clocks
import ProtobufCodec
import TTRPC

/// `VerifyToken`: checks an access token and returns its claims.
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

    /// The answer, or nil when the store must be asked. Refusals also take the slow path, where
    /// they are audited.
    func answerInPlace(
        _ payload: UnsafeRawBufferPointer, at moment: BootTime
    ) throws(RPCError) -> SecretBytes? {
        do {
            guard let token = VerifyTokenHandler.onlyField(of: payload),
                let verified = try authenticator.verifyTokenFromCache(token, at: moment)
            else { return nil }
            return try verified.answer { claims in try VerifyTokenResponse(claims).encoded() }
        } catch {
            return nil
        }
    }

    /// The token in a request as every client writes it, one field and nothing else: in place,
    /// without a copy. Nil for any other request, which takes the slow path.
    ///
    /// Anything but a token is refused by its signature, so the text's encoding does not matter
    /// here.
    static func onlyField(of payload: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        // Field 1, length-delimited; then the length: one byte, or two from 128 to 16,383.
        guard payload.count > 2, payload[0] == 1 << 3 | 2 else { return nil }
        var start = 2
        var count = Int(payload[1])
        if count >= 0x80 {
            guard payload[2] < 0x80 else { return nil }
            count = count & 0x7f | Int(payload[2]) << 7
            start = 3
        }
        guard payload.count - start == count else { return nil }
        return UnsafeRawBufferPointer(rebasing: payload[start...])
    }
}
