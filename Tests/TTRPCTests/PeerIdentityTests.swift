import TTRPC
import Testing

/// How a peer appears in the log.
struct PeerIdentityTests {
    @Test
    func `A peer is described by its transport, address and credentials`() {
        let certificate = PeerCertificate(
            fingerprint: String(repeating: "ab", count: 32),
            names: ["cn:billing", "dns:billing.internal"])
        let nameless = PeerCertificate(fingerprint: "cd", names: [])
        let cases: [(PeerIdentity, String)] = [
            (.unix(uid: 1, gid: 2, pid: 3), "unix(uid 1, gid 2, pid 3)"),
            (.tcp(address: "127.0.0.1:4"), "tcp(127.0.0.1:4)"),
            (
                .tls(address: "[::1]:5", certificate: certificate),
                "tls([::1]:5, cn:billing, sha256 \(certificate.fingerprint))"
            ),
            (
                .tls(address: "10.0.0.1:6", certificate: nameless),
                "tls(10.0.0.1:6, no name, sha256 cd)"
            ),
            (.tls(address: "10.0.0.1:6", certificate: nil), "tls(10.0.0.1:6, no certificate)"),
            (.inProcess, "in-process"),
        ]
        for (peer, text) in cases { #expect(peer.description == text) }
    }
}
