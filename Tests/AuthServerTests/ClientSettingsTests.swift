import AuthServer
import TestSupport
import Testing

/// Settings for authctl and other clients.
struct ClientSettingsTests {
    @Test(arguments: [
        ("AUTHD_SOCKET", "unix:/run/authd/authd.sock"), ("AUTHD_TLS_SERVER_CA_FILE", "/ca.pem"),
        ("AUTHD_TLS_SERVER_NAME", "auth.example.org"),
        ("AUTHD_TLS_CLIENT_CERTIFICATE_FILE", "/client.pem"),
        ("AUTHD_TLS_CLIENT_KEY_FILE", "/client.key"),
    ])
    func `A client setting in the environment file of the daemon causes a warning`(
        name: String, value: String
    ) throws {
        #expect(try load([name: value]).warnings == [])
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "\(name)=\(value)\n")
        let warnings = try load(file: file).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("\(name) is set in \(file), where nothing") == true)
    }
}
