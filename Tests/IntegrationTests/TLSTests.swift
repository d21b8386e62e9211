import Foundation
import TestCertificates
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// The daemon's TLS address, from outside: `openssl s_client`, our client, `authctl`.
    struct TLSTests {
        /// Runs `body` with a daemon, then stops it.
        private func withTLS(
            _ settings: [String: String] = [:],
            _ body: (TLSHome, DaemonProcess) async throws -> Void
        ) async throws {
            let tls = try TLSHome(settings)
            let process = try await tls.home.start()
            do {
                try await body(tls, process)
            } catch {
                Issue.record("\(error)\nthe log:\n\(try tls.home.log())")
            }
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            try tls.home.checkLog()
        }

        @Test
        func `The OpenSSL client negotiates TLS 1_3 and 1_2 with strong ciphers and resumes both`()
            async throws
        {
            try await withTLS { tls, _ in
                for (version, cipher) in [
                    ("-tls1_3", "TLSv1.3, Cipher is TLS_"),
                    ("-tls1_2", "TLSv1.2, Cipher is ECDHE-ECDSA-"),
                ] {
                    let ticket = tls.files.path(of: "ticket\(version)")
                    let first = try await offPool {
                        try tls.openssl(
                            [version, "-sess_out", ticket], withCertificate: tls.client)
                    }
                    #expect(first.contains("Verification: OK"), "\(first)")
                    #expect(first.contains("New, \(cipher)"), "\(first)")
                    let second = try await offPool {
                        try tls.openssl([version, "-sess_in", ticket], withCertificate: tls.client)
                    }
                    #expect(second.contains("Reused, TLSv1"), "\(second)")
                }
            }
        }

        @Test
        func `Old versions, weak ciphers, weak curves and compression are not negotiated`()
            async throws
        {
            try await withTLS { tls, _ in
                let probes: [([String], String)] = [
                    (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "protocol version"),
                    (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "protocol version"),
                    (["-tls1_2", "-cipher", "AES256-GCM-SHA384"], "handshake failure"),
                    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], "handshake failure"),
                    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], "handshake failure"),
                    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8"], "handshake failure"),
                    (["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"], "handshake failure"),
                    (
                        ["-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"], "handshake failure"
                    ),
                    (["-tls1_2", "-cipher", "PSK-AES128-CBC-SHA256", "-psk", "00"], "failure"),
                    (["-curves", "P-521"], "handshake failure"),
                    (
                        [
                            "-sigalgs", "ECDSA+SHA1", "-tls1_2", "-cipher",
                            "DEFAULT:@SECLEVEL=0",
                        ], "handshake failure"
                    ),
                ]
                for (arguments, words) in probes {
                    let output = try await offPool {
                        try tls.openssl(arguments, withCertificate: tls.client)
                    }
                    #expect(output.contains(words), "\(arguments): \(output)")
                    #expect(output.contains("Cipher is (NONE)"), "\(arguments): \(output)")
                }
                let fine = try await offPool {
                    try tls.openssl(["-comp", "-tls1_2"], withCertificate: tls.client)
                }
                #expect(fine.contains("Compression: NONE"))
            }
        }

        @Test
        func `Renegotiation is refused and early data is not offered`() async throws {
            try await withTLS { tls, _ in
                let output = try await offPool {
                    try tls.openssl(["-tls1_2"], withCertificate: tls.client, input: "R\n")
                }
                #expect(output.contains("RENEGOTIATING"))
                #expect(output.contains("no renegotiation"), "\(output)")
                let plain = try await offPool {
                    try tls.openssl(["-tls1_3"], withCertificate: tls.client)
                }
                #expect(plain.contains("Max Early Data: 0"), "\(plain)")
            }
        }

        @Test
        func `A client without a valid certificate is refused, and the log says why`() async throws
        {
            try await withTLS { tls, _ in
                let other = try TestAuthority("other", in: tls.files.path)
                let cases: [(TestAuthority.KeyPair?, String, String)] = [
                    (nil, "certificate required", "the other side sent no certificate"),
                    (
                        try tls.authority.issue("old", for: .client, days: -1),
                        "certificate expired", "has expired"
                    ),
                    (
                        try other.issue("stranger", for: .client), "unknown ca",
                        "is from no authority that is trusted here"
                    ),
                    (tls.server, "unsupported certificate", "is for another purpose"),
                ]
                for (pair, alert, line) in cases {
                    let output = try await offPool { try tls.openssl(withCertificate: pair) }
                    #expect(output.contains("alert \(alert)"), "\(output)")
                    try await eventually("the log says: \(line)") {
                        try tls.home.log().contains(line) ? () : nil
                    }
                }
            }
        }

        @Test
        func `A whole session works over TLS, and the audit log names the client certificate`()
            async throws
        {
            try await withTLS { tls, _ in
                let client = try tls.tlsClient(tls.client)
                try await client.register("tls@example.org", "walnut-harbor-36-mist")
                let login = try await client.login("tls@example.org", "walnut-harbor-36-mist")
                try await client.verify(login.access)
                _ = try await client.refresh(login.refresh)
                await client.close()
                let digest = try TestAuthority.openssl(
                    ["x509", "-in", tls.client.certificate, "-noout", "-fingerprint", "-sha256"])
                let fingerprint = digest.drop { $0 != "=" }.dropFirst()
                    .filter { $0 != ":" && !$0.isNewline }.lowercased()
                // Without AUTHD_AUDIT the audit log is in the daemon's.
                let log = try tls.home.log()
                #expect(log.contains(fingerprint) && log.contains("cn:client"), "\(fingerprint)")
            }
        }

        @Test
        func `SIGHUP loads a new certificate, and keeps the old one if the file is unusable`()
            async throws
        {
            try await withTLS { tls, process in
                let old = try tls.tlsClient(tls.client)
                #expect(try await old.health())
                func subject() async throws -> String {
                    try await offPool { try tls.openssl(withCertificate: tls.client) }
                }
                #expect(try await subject().contains("subject=CN = server"))
                try tls.replaceServer(
                    by: tls.authority.issue(
                        "renewed", for: .server, alternativeNames: "IP:127.0.0.1"))
                process.signal(SIGHUP)
                try await eventually("the certificates are loaded") {
                    try tls.home.log().contains("certificates reloaded") ? () : nil
                }
                #expect(try await subject().contains("subject=CN = renewed"))
                #expect(try await old.health())
                // A key that others can read stops nothing, and changes nothing.
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: tls.server.key)
                process.signal(SIGHUP)
                try await eventually("the key is refused") {
                    let log = try tls.home.log()
                    return log.contains("reloading certificates failed")
                        && log.contains("AUTHD_TLS_KEY_FILE") ? () : nil
                }
                #expect(try await subject().contains("subject=CN = renewed"))
                #expect(try await old.health())
                await old.close()
            }
        }

        @Test
        func `An unusable TLS file stops startup with an error that names its setting`()
            async throws
        {
            let tls = try TLSHome()
            let other = try tls.authority.issue("other", for: .server)
            let open = tls.files.path(of: "open.key")
            try FileManager.default.copyItem(atPath: tls.server.key, toPath: open)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o640], ofItemAtPath: open)
            let cases: [(String, String, String)] = [
                ("AUTHD_TLS_CERTIFICATE_FILE", tls.server.key, "contains no certificate"),
                ("AUTHD_TLS_CERTIFICATE_FILE", "/nonexistent", "can't be opened"),
                ("AUTHD_TLS_KEY_FILE", open, "chmod 600"),
                ("AUTHD_TLS_KEY_FILE", other.key, "is not the private key of the certificate"),
                ("AUTHD_TLS_CLIENT_CA_FILE", tls.client.certificate, "is not an authority's"),
            ]
            for (name, path, words) in cases {
                for arguments in [["--check-config"], []] {
                    let process = try tls.home.launch(arguments, changing: [name: path])
                    #expect(try await process.exit(within: .seconds(20)) == .code(64), "\(name)")
                    let line = try tls.home.log().split(separator: "\n").last ?? ""
                    #expect(line.hasPrefix("authd: \(name): \(path): "), "\(line)")
                    #expect(line.contains(words), "\(line)")
                }
            }
        }

        @Test
        func `Stalled and excessive TLS handshakes do not hold up the Unix socket`()
            async throws
        {
            try await withTLS([
                "AUTHD_TLS_HANDSHAKE_SECONDS": "1", "AUTHD_TLS_HANDSHAKES_PER_ADDRESS_MAX": "8",
            ]) { tls, process in
                let client = try tls.home.client()
                #expect(try await client.health())
                let before = try process.descriptorCount()
                // Held until the end; each either stalls or is over the limit.
                var held: [FileHandle] = []
                for _ in 0..<40 { held.append(try tls.port.connection()) }
                let begin = ContinuousClock.now
                #expect(try await client.health())
                #expect(milliseconds(since: begin) < 2_000)
                try await eventually("the daemon has let them go") {
                    try tls.home.log().contains("the handshake took too long")
                        && process.descriptorCount() <= before ? () : nil
                }
                let inside = try tls.tlsClient(tls.client)
                #expect(try await inside.health())
                withExtendedLifetime(held) {}
                await inside.close()
                await client.close()
            }
        }

        @Test
        func `authctl connects over TLS and explains how to fix a failed connection`() async throws
        {
            try await withTLS { tls, _ in
                let socket = "tls:127.0.0.1:\(tls.port.number)"
                let authority = ["--tls-server-ca-file", tls.authority.certificate]
                let own = [
                    "--tls-client-certificate-file", tls.client.certificate,
                    "--tls-client-key-file", tls.client.key,
                ]
                let cases: [([String], String)] = [
                    (authority + own, "serving at \(socket)"),
                    (own, "is from no authority that is trusted here"),
                    (authority, "requires a client certificate"),
                    (authority + own + ["--tls-server-name", "x.example"], "for another host"),
                    (authority + own.prefix(2), "needs two files"),
                ]
                for (options, words) in cases {
                    let run = try await CommandRun.authctl(
                        ["health", "--socket", socket] + options)
                    #expect(run.output.contains(words), "\(run.output)")
                    #expect(run.exitCode == (words.contains("serving") ? 0 : 3), "\(options)")
                }
                let variables = try await CommandRun.authctl(
                    ["health"],
                    environment: [
                        "AUTHD_SOCKET": socket,
                        "AUTHD_TLS_SERVER_CA_FILE": tls.authority.certificate,
                        "AUTHD_TLS_CLIENT_CERTIFICATE_FILE": tls.client.certificate,
                        "AUTHD_TLS_CLIENT_KEY_FILE": tls.client.key,
                    ])
                #expect(variables.output.contains("serving"), "\(variables.output)")
                let plain = try await CommandRun.authctl(
                    ["health", "--socket", "tcp:127.0.0.1:\(tls.port.number)"])
                #expect(plain.output.contains("speaks TLS: write tls:"), "\(plain.output)")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: tls.client.key)
                let open = try await CommandRun.authctl(
                    ["health", "--socket", socket] + authority + own)
                #expect(open.output.contains("chmod 600 it"), "\(open.output)")
            }
        }
    }
}
