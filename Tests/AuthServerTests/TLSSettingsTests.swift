import AuthServer
import Testing

/// The settings of TLS, by themselves and with each other.
struct TLSSettingsTests {
    private let files = [
        "AUTHD_LISTEN": "tls:127.0.0.1:8443", "AUTHD_TLS_CERTIFICATE_FILE": "a.pem",
        "AUTHD_TLS_KEY_FILE": "/b.key", "AUTHD_TLS_CLIENT_CA_FILE": "c.pem",
    ]

    @Test
    func `A TLS address requires all three files, and the error names the missing one`() throws {
        let tls = try load(files).tls
        #expect(tls.files?.certificate == "/nonexistent/a.pem")
        #expect(tls.files?.key == "/b.key")
        #expect(tls.files?.clientAuthorities == "/nonexistent/c.pem")
        #expect(tls.clientCertificate == .required)
        for name in files.keys where name != "AUTHD_LISTEN" {
            let line = try refusal(files.filter { $0.key != name })
            #expect(line.hasPrefix("\(name) (default): is not set"), "\(line)")
        }
    }

    @Test
    func `Serving clients without certificates needs an explicit setting and causes a warning`()
        throws
    {
        var open = files
        open["AUTHD_TLS_CLIENT_CERTIFICATE"] = "anyone-may-call"
        #expect(try refusal(open).contains("but AUTHD_TLS_CLIENT_CA_FILE is set"))
        open["AUTHD_TLS_CLIENT_CA_FILE"] = nil
        let configuration = try load(open)
        #expect(configuration.tls.files?.clientAuthorities == nil)
        #expect(configuration.warnings.contains { $0.contains("anyone-may-call") })
        for word in ["none", "optional", "Required", "anyone"] {
            open["AUTHD_TLS_CLIENT_CERTIFICATE"] = word
            #expect(try refusal(open).contains("allowed: required, anyone-may-call"))
        }
    }

    @Test
    func `TLS files without a TLS address cause a warning`() throws {
        let configuration = try load(["AUTHD_TLS_KEY_FILE": "/b.key"])
        #expect(configuration.tls.files == nil)
        #expect(configuration.warnings.contains { $0.contains("no tls: address") })
        #expect(try load().warnings.allSatisfy { !$0.contains("TLS") })
    }

    @Test(
        arguments: [
            ("AUTHD_TLS_HANDSHAKE_SECONDS", "0", "301"), ("AUTHD_TLS_HANDSHAKES_MAX", "0", "16385"),
            ("AUTHD_TLS_HANDSHAKES_PER_ADDRESS_MAX", "0", "16385"),
        ])
    func `Handshake limits out of bounds are refused`(name: String, low: String, high: String)
        throws
    {
        #expect(try refusal([name: low]).hasPrefix(name))
        #expect(try refusal([name: high]).hasPrefix(name))
    }
}
