import Bytes
import Testing

@testable import Transport

struct SocketAddressTests {
    @Test(
        arguments: [
            ("unix:/run/a.sock", "unix:/run/a.sock"), ("unix:a", "unix:a"),
            ("tcp:127.0.0.1:80", "tcp:127.0.0.1:80"), ("tcp:127.9.8.7:0", "tcp:127.9.8.7:0"),
            ("tcp:[::1]:65535", "tcp:[::1]:65535"), ("tcp:localhost:1", "tcp:127.0.0.1:1"),
            ("tls:auth.example:443", "tls:auth.example:443"), ("tls:10.0.0.1:1", "tls:10.0.0.1:1"),
            ("tls:[2001:db8::1]:2", "tls:[2001:db8::1]:2"),
        ])
    func `Valid addresses are parsed`(text: String, shown: String) throws {
        #expect(try SocketAddress(parsing: text).description == shown)
    }

    @Test(
        arguments: [
            "tcp:0.0.0.0:80", "tcp:10.0.0.1:80", "tcp:128.0.0.1:80", "tcp:[::]:80",
            "tcp:[::ffff:127.0.0.1]:80", "tcp:example.com:80", "tcp::80", "tcp:::1:80",
            "tcp:127.1:80", "tcp:localhost.:80",
        ])
    func `Plain TCP beyond loopback is refused with the advice to use TLS`(text: String) {
        #expect(throws: TransportError.notLoopback(text)) { try SocketAddress(parsing: text) }
        #expect(TransportError.notLoopback(text).description.contains("tls:"))
    }

    @Test(
        arguments: [
            "", "unix:", "/run/a.sock", "tcp:127.0.0.1", "udp:127.0.0.1:1", "unix:a\0b", "tls:",
            "tls::1", "tls:a", "tls:a b:1", "tls:::1:1", "tls:[a]:1", "tls:a\0:1", "tls:a/b:1",
        ])
    func `A malformed address is refused`(text: String) {
        #expect {
            try SocketAddress(parsing: text)
        } throws: { error in
            if case TransportError.addressMalformed = error { true } else { false }
        }
    }

    @Test(
        arguments: [
            "tcp:127.0.0.1:", "tcp:127.0.0.1:65536", "tcp:127.0.0.1:-1", "tcp:127.0.0.1:+1",
            "tcp:127.0.0.1: 1", "tcp:127.0.0.1:000001", "tls:a:",
        ])
    func `A malformed port is refused`(text: String) {
        #expect(throws: TransportError.portMalformed(text)) { try SocketAddress(parsing: text) }
        #expect(
            TransportError.portMalformed(text).description
                == TransportError.addressMalformed(text).description)
    }

    @Test
    func `A host name resolves to its addresses, and a numeric address to itself`() throws {
        let name = try SocketAddress(parsing: "tls:localhost:7")
        #expect(!name.isNumeric)
        let resolved = try name.resolved()
        #expect(!resolved.isEmpty && resolved.allSatisfy(\.isNumeric))
        let address = try SocketAddress(parsing: "tls:127.0.0.1:7")
        let other = try SocketAddress(parsing: "tls:[::1]:7")
        #expect(resolved.contains(address) || resolved.contains(other))
        #expect(try address.resolved() == [address])
        #expect(throws: TransportError.self) {
            try SocketAddress(parsing: "tls:host.invalid:7").resolved()
        }
    }

    @Test
    func `A listener on a TLS address requires certificates`() throws {
        let address = try SocketAddress(parsing: "tls:127.0.0.1:0")
        #expect(throws: TransportError.tlsNotSetUp("tls:127.0.0.1:0")) {
            try Listener(address: address)
        }
    }

    @Test(
        arguments: [
            ("10.0.0.1:5", "10.0.0.1"), ("[2001:db8:1:2:3:4:5:6]:5", "2001:db8:1:2::"),
            ("[::ffff:10.1.2.3]:5", "10.1.2.3"), ("[64:ff9b::10.1.2.3]:5", "10.1.2.3"),
        ])
    func `Connections are counted by IPv4 address or IPv6 network`(
        endpoint: String, network: String
    ) throws {
        let found = try #require(ClientNetwork(endpoint: endpoint))
        #expect(found == ClientNetwork(network))
    }

    @Test
    func `A socket path at the kernel's limit is accepted, and one byte more is refused`() throws {
        let fits = "/" + String(repeating: "x", count: 106)
        #expect(try SocketAddress(unixPath: fits).form == .unix(path: fits))
        #expect(throws: TransportError.pathTooLong(fits + "x", bytesMax: 107)) {
            try SocketAddress(unixPath: fits + "x")
        }
    }
}
