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
    /// What was found in place about the token of the call: a signature is verified once.
    private(set) var finding: TokenFinding?

    init(authenticator: Authenticator) {
        self.authenticator = authenticator
    }

    /// The method for the router.
    func method(_ adapter: HandlerAdapter) -> RPCMethod {
        adapter.method(self) { call, payload throws(RPCError) in
            answerInPlace(payload, at: call.startedAt, adapter)
        }
    }

    func handle(
        _ request: VerifyTokenRequest, _ call: ServiceCall
    ) async throws(AuthError) -> VerifyTokenResponse {
        guard let finding else {
            return VerifyTokenResponse(
                try await authenticator.verifyToken(request.accessToken, context: call.context))
        }
        return VerifyTokenResponse(
            try await authenticator.verifyToken(finding, context: call.context))
    }

    /// The answer for a token that is valid and whose session the cache knows. Any other goes on in
    /// a task: the store is asked there, or the refusal audited.
    private func answerInPlace(
        _ payload: UnsafeRawBufferPointer, at moment: BootTime, _ adapter: HandlerAdapter
    ) -> RPCMethod.InPlaceOutcome {
        guard let token = VerifyTokenHandler.onlyField(of: payload) else { return .suspends }
        let finding = authenticator.examine(token, at: moment)
        if case .live(let verified) = finding,
            let answer = try? verified.answer({ try VerifyTokenResponse($0).encoded() })
        {
            return .answered(answer)
        }
        var rest = self
        rest.finding = finding
        return .continues(adapter.suspending(rest))
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
