import Bytes
import DispatchBridge
import TTRPC
import TestCertificates
import TestSupport
import Testing

@testable import Transport

/// TLS over real sockets, with clients that mean well.
@Suite(.serialized)
struct TLSServerTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func advice(_ body: () async throws(RPCClientError) -> [UInt8]) async -> String {
        do throws(RPCClientError) {
            return "answered: \(text(try await body()))"
        } catch {
            guard case .untrusted(let text) = error else { return "\(error)" }
            return text
        }
    }

    @Test
    func `A caller is identified by the names in its certificate, also after resumption`()
        async throws
    {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, loopCount: 2)
        let pair = try fixture.issueClient(alternativeNames: "DNS:billing")
        let context = try fixture.clientContext(pair)
        let first = text(try await test.call("Peer", context))
        #expect(first.hasPrefix("tls(127.0.0.1:"))
        #expect(first.contains(", cn:client, sha256 "))
        // Now by a ticket.
        #expect(context.hasSession)
        let second = text(try await test.call("Peer", context))
        // All but the port.
        #expect(second.drop { $0 != "," } == first.drop { $0 != "," })
        #expect(test.failures.current == [])
        await test.stop()
    }

    @Test
    func `Concurrent calls of every size are answered`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let client = test.client(try fixture.clientContext(fixture.issueClient()))
        await withTaskGroup(of: Void.self) { group in
            for size in [0, 1, 16_383, 16_384, 16_385, 40_000, 64_000] + Array(100..<160) {
                group.addTask {
                    let payload = SecretBytes((0..<size).map { UInt8(truncatingIfNeeded: $0) })
                    let answer = try? await client.call(
                        service: "t.Test", method: size % 2 == 0 ? "Echo" : "Later",
                        payload: payload)
                    #expect(answer == payload, "\(size) bytes")
                }
            }
            for _ in 0..<30 {
                group.addTask {
                    let answer = try? await client.call(
                        service: "t.Test", method: "Large", payload: SecretBytes())
                    #expect(answer?.count == 100_000)
                }
            }
        }
        await client.close()
        #expect(await eventually { test.server.counters.connections == 0 })
        await test.stop()
    }

    @Test
    func `Each common handshake failure is reported with advice and not retried`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let good = try fixture.issueClient()
        let expired = try fixture.issueClient("expired", days: -1)
        let other = try TestAuthority("other", in: fixture.directory)
        let stranger = try other.issue("stranger", for: .client)
        let cases: [(TLSContext, String, TLSError?)] = [
            (
                try fixture.clientContext(nil), "requires a client certificate", .certificateMissing
            ),
            (
                try fixture.clientContext(stranger), "does not trust the authority",
                .certificateRefused(.unknownAuthority)
            ),
            (
                try fixture.clientContext(expired), "our client certificate has expired",
                .certificateRefused(.expired)
            ),
            (
                try fixture.clientContext(fixture.server), "refuses our client certificate",
                .certificateRefused(.wrongPurpose)
            ),
            (
                try fixture.clientContext(good, authority: other), "from no authority",
                .alert(48)
            ),
            (
                try fixture.clientContext(good, name: "elsewhere.example"), "for another host",
                .alert(42)
            ),
            (
                try fixture.clientContext(good, name: "127.0.0.2"), "for another host", .alert(42)
            ),
        ]
        for (index, (context, words, failure)) in cases.enumerated() {
            let said = await advice { () async throws(RPCClientError) in
                try await test.call("Echo", context)
            }
            #expect(said.contains(words), "\(said)")
            #expect(await eventually { test.failures.current.count == index + 1 })
            #expect(test.failures.current.last == failure)
        }
        #expect(test.server.counters.handshakesFailed == UInt64(cases.count))
        #expect(test.server.counters.connectionsAccepted == 0)
        await test.stop()
    }

    @Test
    func `The certificate must match the host name that the client expects`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        guard case .tls(_, let port) = test.address.form else { return }
        let pair = try fixture.issueClient()
        let named = try SocketAddress(parsing: "tls:localhost:\(port)")
        let context = try fixture.clientContext(pair, host: "localhost")
        #expect(try await test.call("Echo", context, payload: [7], address: named) == [7])
        // The common name alone does not count.
        let byCommonName = try fixture.clientContext(pair, name: "server")
        let said = await advice { () async throws(RPCClientError) in
            try await test.call("Echo", byCommonName)
        }
        #expect(said.contains("for another host"))
        await test.stop()
    }

    @Test
    func `A server certificate that has expired is refused`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let old = try fixture.authority.issue(
            "old", for: .server, alternativeNames: "IP:127.0.0.1", days: -1)
        try test.credentials.replace(
            TLSServerMaterial(
                keyPair: TLSFixture.keyPair(old),
                clientAuthorities: TLSFixture.read(fixture.authority.certificate)))
        #expect(try #require(test.credentials.current.certificateSecondsLeft) < 0)
        let context = try fixture.clientContext(fixture.issueClient())
        let said = await advice { () async throws(RPCClientError) in
            try await test.call("Echo", context)
        }
        #expect(said.contains("has expired: renew the daemon's"))
        await test.stop()
    }

    @Test
    func `Where no certificate is requested, clients are anonymous even if they have one`()
        async throws
    {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, asksForCertificate: false)
        let peer = text(try await test.call("Peer", fixture.clientContext(nil)))
        #expect(peer.hasPrefix("tls(127.0.0.1:") && peer.hasSuffix(", no certificate)"))
        // One that was not asked for is not sent, and so not believed.
        let offered = text(
            try await test.call("Peer", fixture.clientContext(fixture.issueClient())))
        #expect(offered.hasSuffix(", no certificate)"))
        await test.stop()
    }

    @Test
    func `Plain text on a TLS port and TLS on a plain port are recognized`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let plain = try await TestServer(tcp: true)
        guard case .tls(_, let port) = test.address.form,
            case .tcp(_, let plainPort) = plain.address.form
        else { return }
        let tcp = try SocketAddress(parsing: "tcp:127.0.0.1:\(port)")
        let said = await advice { () async throws(RPCClientError) in
            try await test.call("Echo", nil, payload: [1, 2, 3], address: tcp)
        }
        #expect(said.contains("speaks TLS: write tls:"))
        #expect(await eventually { test.failures.current == [.notTLS] })
        let tls = try SocketAddress(parsing: "tls:127.0.0.1:\(plainPort)")
        let context = try fixture.clientContext(fixture.issueClient())
        let other = await advice { () async throws(RPCClientError) in
            try await test.call("Echo", context, address: tls)
        }
        #expect(other.contains("does it speak TLS"))
        await plain.server.stop(grace: .seconds(5))
        await test.stop()
    }

    @Test
    func `Replaced certificates apply to new connections, and old connections live on`()
        async throws
    {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let pair = try fixture.issueClient()
        let old = test.client(try fixture.clientContext(pair))
        func echo(_ client: RPCClient) async throws -> Int {
            try await client.call(
                service: "t.Test", method: "Echo", payload: SecretBytes([1, 2])
            ).count
        }
        #expect(try await echo(old) == 2)
        let other = try TestAuthority("other", in: fixture.directory)
        try test.credentials.replace(fixture.serverMaterial(authority: other))
        #expect(try await echo(old) == 2)
        let stranger = try other.issue("stranger", for: .client)
        let context = try fixture.clientContext(stranger)
        #expect(try await test.call("Echo", context, payload: [3]) == [3])
        let former = try fixture.clientContext(pair)
        let refused = await advice { () async throws(RPCClientError) in
            try await test.call("Echo", former)
        }
        #expect(refused.contains("does not trust the authority"))
        // What can't be loaded changes nothing.
        #expect(throws: TLSMaterialError.self) {
            try test.credentials.replace(
                TLSServerMaterial(
                    keyPair: TLSKeyPair(certificates: SecretBytes(), key: SecretBytes()),
                    clientAuthorities: nil))
        }
        #expect(try await test.call("Echo", context, payload: [4]) == [4])
        #expect(try await echo(old) == 2)
        await old.close()
        await test.stop()
    }
}
