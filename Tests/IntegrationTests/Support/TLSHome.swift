import Bytes
import Foundation
import TestCertificates
import TestSupport
import Transport

/// A daemon's home with a TLS address, certificates for it, and clients that are not ours.
final class TLSHome: Sendable {
    let home: DaemonHome
    let authority: TestAuthority
    let server: TestAuthority.KeyPair
    let client: TestAuthority.KeyPair
    let port: TCPPort
    /// Where the daemon's certificate, key and list of authorities are; tests replace them.
    let files: TemporaryDirectory

    init(_ settings: [String: String] = [:]) throws {
        files = try TemporaryDirectory()
        authority = try TestAuthority("ca", in: files.path)
        server = try authority.issue(
            "server", for: .server, alternativeNames: "DNS:localhost,IP:127.0.0.1")
        client = try authority.issue(
            "client", for: .client, alternativeNames: "DNS:billing.internal")
        port = try TCPPort()
        home = try DaemonHome(
            [
                "AUTHD_TLS_CERTIFICATE_FILE": server.certificate,
                "AUTHD_TLS_KEY_FILE": server.key,
                "AUTHD_TLS_CLIENT_CA_FILE": authority.certificate,
            ].merging(settings) { $1 }, alsoListening: "tls:127.0.0.1:\(port.number)")
    }

    /// Puts another certificate and key in the place of the daemon's, as a renewal does.
    func replaceServer(by pair: TestAuthority.KeyPair) throws {
        for (new, old) in [(pair.certificate, server.certificate), (pair.key, server.key)] {
            guard rename(new, old) == 0 else { throw SystemFailure("rename") }
        }
    }

    /// A client of ours.
    func tlsClient(_ pair: TestAuthority.KeyPair?) throws -> TestClient {
        let address = try SocketAddress(parsing: "tls:127.0.0.1:\(port.number)")
        let context = try TLSContext(
            client: TLSClientMaterial(
                keyPair: try pair.map {
                    TLSKeyPair(
                        certificates: try TLSHome.read($0.certificate),
                        key: try TLSHome.read($0.key))
                }, authorities: try TLSHome.read(authority.certificate)), host: "127.0.0.1")
        return TestClient(
            address: address, tls: context, limits: RPCClientLimits(), secrets: home.secrets)
    }

    private static func read(_ path: String) throws -> SecretBytes {
        SecretBytes(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// What `openssl s_client` prints, with the client's certificate unless `arguments` has another.
    /// `input` goes to the daemon; the client ends a second after it.
    func openssl(
        _ arguments: [String] = [], withCertificate pair: TestAuthority.KeyPair?,
        input: String = ""
    ) throws -> String {
        var all = [
            "s_client", "-connect", "127.0.0.1:\(port.number)", "-CAfile", authority.certificate,
        ]
        if let pair { all += ["-cert", pair.certificate, "-key", pair.key] }
        return try TLSHome.run("/usr/bin/openssl", all + arguments, input: input)
    }

    /// Standard output and standard error of a program that ends when its input has.
    static func run(_ path: String, _ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The pause lets the daemon's answer come before the end of the input does.
        process.arguments =
            [
                "sh", "-c", "(printf '%s' \"$0\"; exec sleep 1) | exec timeout 20 \"$@\" 2>&1",
                input,
                path,
            ] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
