import AuthCore
import AuthMessages
import AuthService
import Bytes
import ProtobufCodec
import TTRPC
import TestSupport
import Testing

/// `VerifyToken` is answered on the connection's loop where it can be. Where it can't, the task
/// that answers goes on with what was found, so no signature is verified twice.
struct VerifyTokenInPlaceTests {
    private let fixture: ServiceFixture
    private let tokens: IssuedTokens

    init() async throws {
        fixture = try ServiceFixture(cacheLifetime: .seconds(60))
        tokens = try await fixture.core.login()
    }

    private func payload(_ token: SecretBytes) throws -> SecretBytes {
        var request = VerifyTokenRequest()
        request.accessToken = token
        return try request.encoded()
    }

    private func inPlace(_ token: SecretBytes) throws -> RPCMethod.InPlaceOutcome {
        let inPlace = try #require(try fixture.method("VerifyToken").inPlace)
        let context = try fixture.context("VerifyToken")
        return try payload(token).withUnsafeBytes { try inPlace(context, $0) }
    }

    /// What the rest of a call answers that was handed on with one token and gets another.
    private func answer(
        after examined: SecretBytes, to token: SecretBytes
    ) async throws -> VerifyTokenResponse {
        guard case .continues(let rest) = try inPlace(examined) else {
            throw NotHandedOn()
        }
        let answer = try await rest(try fixture.context("VerifyToken"), try payload(token))
        return try VerifyTokenResponse(decoding: answer)
    }

    private struct NotHandedOn: Error {}

    @Test
    func `A session that the cache does not know is asked for once, and known from then on`()
        async throws
    {
        let token = tokens.access
        let claims = try await answer(after: token, to: token)
        #expect(claims.userID == tokens.userID)
        guard case .answered(let known) = try inPlace(token) else { throw NotHandedOn() }
        #expect(try VerifyTokenResponse(decoding: known).userID == tokens.userID)
    }

    @Test
    func `A refused token is refused by what was found, without another look at it`() async throws {
        let forged = SecretBytes(utf8: "e30.e30.AAAA")
        await #expect(throws: RPCError.self) {
            // The second token is valid: whoever looked again would accept it.
            _ = try await answer(after: forged, to: tokens.access)
        }
        let event = try #require(fixture.audit.events.last)
        #expect(event.method == "VerifyToken")
        #expect(event.refusal == .tokenInvalid)
    }

    @Test
    func `A token of an ended session is refused, and the audit log says whose it was`()
        async throws
    {
        let token = tokens.access
        _ = try await answer(after: token, to: token)
        var logout = LogoutRequest()
        logout.refreshToken = tokens.refresh
        _ = try await fixture.call("Logout", logout, returning: LogoutResponse.self)
        await #expect(throws: RPCError.self) { _ = try await answer(after: token, to: token) }
        let event = try #require(fixture.audit.events.last)
        #expect(event.refusal == .tokenRevoked)
        #expect(event.subject.userID == tokens.userID)
    }
}
