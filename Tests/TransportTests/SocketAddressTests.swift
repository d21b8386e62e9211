import Testing

@testable import Transport

struct SocketAddressTests {
    @Test(
        arguments: [
            ("unix:/run/a.sock", "unix:/run/a.sock"), ("unix:a", "unix:a"),
            ("tcp:127.0.0.1:80", "tcp:127.0.0.1:80"), ("tcp:127.9.8.7:0", "tcp:127.9.8.7:0"),
            ("tcp:[::1]:65535", "tcp:[::1]:65535"), ("tcp:localhost:1", "tcp:127.0.0.1:1"),
        ])
    func `Addresses of this machine are read`(text: String, shown: String) throws {
        #expect(try SocketAddress(parsing: text).description == shown)
    }

    @Test(
        arguments: [
            "tcp:0.0.0.0:80", "tcp:10.0.0.1:80", "tcp:128.0.0.1:80", "tcp:[::]:80",
            "tcp:[::ffff:127.0.0.1]:80", "tcp:example.com:80", "tcp::80", "tcp:::1:80",
            "tcp:127.1:80", "tcp:localhost.:80",
        ])
    func `Plain TCP to elsewhere is refused, with advice`(text: String) {
        #expect(throws: TransportError.notLoopback(text)) { try SocketAddress(parsing: text) }
        #expect(TransportError.notLoopback(text).description.contains("tls:"))
    }

    @Test(
        arguments: [
            "", "unix:", "/run/a.sock", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:65536",
            "tcp:127.0.0.1:-1", "tcp:127.0.0.1:+1", "tcp:127.0.0.1: 1", "udp:127.0.0.1:1",
            "unix:a\0b",
        ])
    func `What is no address is refused`(text: String) {
        #expect {
            try SocketAddress(parsing: text)
        } throws: { error in
            if case TransportError.addressMalformed = error { true } else { false }
        }
    }

    @Test
    func `TLS is recognised and refused`() {
        #expect(throws: TransportError.tlsUnsupported("tls:a:1")) {
            try SocketAddress(parsing: "tls:a:1")
        }
    }

    @Test
    func `A path of the kernel's limit passes, one more byte does not`() throws {
        let fits = "/" + String(repeating: "x", count: 106)
        #expect(try SocketAddress(unixPath: fits).form == .unix(path: fits))
        #expect(throws: TransportError.pathTooLong(fits + "x", bytesMax: 107)) {
            try SocketAddress(unixPath: fits + "x")
        }
    }
}
