import Bytes
import DispatchBridge
import Foundation
import Synchronization
import TTRPC
import TestCertificates
import TestSupport

@testable import Transport

/// An authority, a server's certificate for 127.0.0.1 and `localhost`, and clients' certificates.
final class TLSFixture: Sendable {
    let directory: String
    let authority: TestAuthority
    let server: TestAuthority.KeyPair

    init() throws {
        directory = TestServer.makeDirectory()
        authority = try TestAuthority("ca", in: directory)
        server = try authority.issue(
            "server", for: .server, alternativeNames: "DNS:localhost,IP:127.0.0.1")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    static func read(_ path: String) throws -> SecretBytes {
        SecretBytes(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func keyPair(_ pair: TestAuthority.KeyPair) throws -> TLSKeyPair {
        TLSKeyPair(certificates: try read(pair.certificate), key: try read(pair.key))
    }

    func serverMaterial(
        asksForCertificate: Bool = true, authority: TestAuthority? = nil
    ) throws -> TLSServerMaterial {
        let trusted = authority ?? self.authority
        return TLSServerMaterial(
            keyPair: try TLSFixture.keyPair(server),
            clientAuthorities: asksForCertificate
                ? try TLSFixture.read(trusted.certificate) : nil)
    }

    func clientContext(
        _ pair: TestAuthority.KeyPair?, authority: TestAuthority? = nil, name: String? = nil,
        host: String = "127.0.0.1"
    ) throws -> TLSContext {
        let trusted = authority ?? self.authority
        return try TLSContext(
            client: TLSClientMaterial(
                keyPair: try pair.map(TLSFixture.keyPair),
                authorities: try TLSFixture.read(trusted.certificate), serverName: name),
            host: host)
    }

    func issueClient(
        _ name: String = "client", alternativeNames: String? = nil, days: Int = 2
    ) throws -> TestAuthority.KeyPair {
        try authority.issue(
            name, for: .client, alternativeNames: alternativeNames, days: days)
    }
}

/// A TLS server on a free port of 127.0.0.1, and clients of it.
final class TLSTestServer: Sendable {
    let fixture: TLSFixture
    let credentials: TLSCredentials
    let address: SocketAddress
    let server: RPCServer
    let handlers: TestHandlers
    /// What was reported of failed handshakes.
    let failures = Shared<[TLSError]>([])
    private let loop: EventLoop

    init(
        _ fixture: TLSFixture, limits: ServerLimits = ServerLimits(), loopCount: Int = 1,
        asksForCertificate: Bool = true
    ) async throws {
        self.fixture = fixture
        credentials = try TLSCredentials(
            fixture.serverMaterial(asksForCertificate: asksForCertificate))
        let listener = try Listener(
            address: SocketAddress(parsing: "tls:127.0.0.1:0"), tls: credentials)
        address = listener.address
        handlers = TestHandlers()
        server = try RPCServer(
            listeners: [listener], router: Router(services: [handlers.service]), limits: limits,
            loopCount: loopCount,
            onHandshakeFailure: { [failures] _, error in failures.withLock { $0.append(error) } })
        loop = try EventLoop(label: "tls.clients")
        try await server.start()
    }

    func stop() async {
        await server.stop(grace: .seconds(5))
        await loop.shutdown()
    }

    func client(
        _ context: TLSContext?, address: SocketAddress? = nil
    ) -> RPCClient {
        var limits = RPCClientLimits()
        limits.connectAttemptsMax = 1
        limits.connectSecondsMax = 20
        return RPCClient(
            address: address ?? self.address, tls: context, loop: loop, limits: limits)
    }

    /// Calls `method` on a connection of its own.
    func call(
        _ method: String, _ context: TLSContext?, payload: [UInt8] = [],
        address: SocketAddress? = nil
    ) async throws(RPCClientError) -> [UInt8] {
        let client = client(context, address: address)
        do throws(RPCClientError) {
            let answer = try await client.call(
                service: "t.Test", method: method, payload: SecretBytes(payload))
            await client.close()
            return answer.withUnsafeBytes { Array($0) }
        } catch {
            await client.close()
            throw error
        }
    }
}
