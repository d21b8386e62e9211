import AuthCore
import AuthMessages
import Bytes
import TTRPC
import TestSupport
import Testing

@testable import AuthService

/// What callers are told about the audit log and about administrators.
struct AuditLineTests {
    @Test func `A call whose audit line cannot be written is not said to be undone`() async throws {
        let service = try ServiceFixture(audit: AuditList(isWritable: false))
        var request = RegisterRequest()
        request.email = "ada@example.com"
        request.password = AuthenticatorFixture.password
        let error = await #expect(throws: RPCError.self) {
            _ = try await service.call("Register", request, returning: RegisterResponse.self)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("may have been carried out") == true)
        _ = try await service.core.loginAgain()
    }

    @Test(arguments: [
        (PeerIdentity.unix(uid: 1, gid: 1, pid: 1), "AUTHD_ADMIN_UIDS"),
        (.tls(address: "127.0.0.1:1", certificate: nil), "AUTHD_ADMIN_CERTIFICATES"),
        (.tcp(address: "127.0.0.1:1"), "call over the Unix socket"),
    ])
    func `A caller that is no administrator is told what fits its kind of connection`(
        peer: PeerIdentity, advice: String
    ) {
        let error = CallerRefusal.notAdministrator(method: "GetStats").error(to: peer)
        #expect(error.message.contains(advice))
    }
}
