import AuthClient
import Foundation
import Testing

/// The client library against the built daemon.
@Suite struct AuthClientTests {
    private static let password = Secret(utf8: "violet-anchor-93-trumpet")

    @Test
    func `Calls return typed results, and a refusal carries its reason and the violated rules`()
        async throws
    {
        let fixture = try CommandLineFixture()
        let client = try AuthClient(address: "unix:\(fixture.home)/s")
        let made = try await client.register(email: "Ada@example.com", password: Self.password)
        #expect(made.email == "ada@example.com")
        let session = try await client.login(email: "ada@example.com", password: Self.password)
        let claims = try await client.verifyToken(session.tokens.access)
        #expect(claims.userID == made.userID)
        #expect(claims.sessionID == session.sessionID)
        #expect(try await client.health() == .serving)
        let error = await #expect(throws: AuthClientError.self) {
            _ = try await client.register(
                email: "b@example.com", password: Secret(utf8: "password"))
        }
        guard case .refused(let refusal) = error else {
            Issue.record("not refused: \(String(describing: error))")
            return
        }
        #expect(refusal.reason == "PASSWORD_TOO_WEAK")
        #expect(refusal.codeName == "INVALID_ARGUMENT")
        #expect(refusal.metadata["rules"]?.contains("common_password") == true)
        await client.close()
    }

    @Test func `A thousand calls are in flight on one connection`() async throws {
        let fixture = try CommandLineFixture()
        let client = try AuthClient(address: "unix:\(fixture.home)/s")
        _ = try await client.register(email: "ada@example.com", password: Self.password)
        let session = try await client.login(email: "ada@example.com", password: Self.password)
        let verified = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1000 {
                group.addTask { try await client.verifyToken(session.tokens.access).sessionID }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(verified == [session.sessionID])
        await client.close()
    }

    @Test func `The same client works again after the daemon was killed and restarted`()
        async throws
    {
        let fixture = try CommandLineFixture()
        let client = try AuthClient(address: "unix:\(fixture.home)/s")
        _ = try await client.register(email: "ada@example.com", password: Self.password)
        let session = try await client.login(email: "ada@example.com", password: Self.password)
        fixture.killDaemon()
        await #expect(throws: AuthClientError.self) { _ = try await client.health() }
        try fixture.startDaemon()
        let claims = try await client.verifyToken(session.tokens.access)
        #expect(claims.sessionID == session.sessionID)
        await client.close()
    }

    @Test func `A secret is never printed`() {
        #expect("\(Self.password)" == "<24 secret bytes>")
        #expect(String(reflecting: Self.password) == "<24 secret bytes>")
    }
}
