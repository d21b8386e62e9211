import AuthMessages
import Bytes
import Foundation
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// What the daemon tells a monitoring system.
    struct MetricsTests {
        private static let readme =
            #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
            + "/README.md"

        /// The names in the README's table, which is the only one whose rows begin with such names.
        private static func documented() throws -> Set<String> {
            let text = try String(contentsOfFile: MetricsTests.readme, encoding: .utf8)
            var names: Set<String> = []
            for line in text.split(separator: "\n") {
                guard line.hasPrefix("| `authd_") else { continue }
                names.insert(String(line.dropFirst(3).prefix { $0 != "`" && $0 != "{" }))
            }
            return names
        }

        private static func text(_ client: TestClient) async throws -> String {
            try await client.call(
                "GetMetrics", GetMetricsRequest(), as: GetMetricsResponse.self,
                service: "authd.v1.AdminService"
            ).text
        }

        /// How many health checks were answered.
        private static func checks(in lines: [Substring]) throws -> Int {
            let line = try #require(
                lines.first { $0.contains("method=\"Check\",code=\"OK\"") })
            return try #require(line.split(separator: " ").last.flatMap { Int($0) })
        }

        @Test
        func `The README lists exactly the exported metrics, which hold no secrets or addresses`()
            async throws
        {
            let tls = try TLSHome()
            let process = try await tls.home.start()
            let client = try tls.home.client()
            let email = "metrics@example.org"
            let password = "gravel-tulip-83-sparrow"
            try await client.register(email, password)
            let login = try await client.login(email, password)
            try await client.verify(login.access)
            _ = try await reason { try await client.login(email, password + "x") }
            let text = try await MetricsTests.text(client)
            let names = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
                .map { String($0.split(separator: " ")[2]) }
            #expect(try Set(names) == MetricsTests.documented())
            #expect(names.count == Set(names).count)
            #expect(tls.home.secrets.leaks(in: text) == [])
            for part in ["metrics@", "example.org", login.userID, login.sessionID] {
                #expect(!text.contains(part))
            }
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }

        @Test func `Connections are counted by role, and only administrators may read metrics`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "admin")
            let process = try home.launch(changing: ["AUTHD_ADMIN_LISTEN": "unix:\(path)"])
            let admin = TestClient(
                address: try SocketAddress(unixPath: path), limits: RPCClientLimits(),
                secrets: home.secrets)
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            #expect(try await reason { try await MetricsTests.text(client) } == .adminRequired)
            let lines = try await MetricsTests.text(admin).split(separator: "\n")
            #expect(lines.contains("authd_connections{peers=\"callers\"} 1"))
            #expect(lines.contains("authd_connections{peers=\"administrators\"} 1"))
            #expect(
                lines.contains {
                    $0.contains("method=\"GetMetrics\"") && $0.contains("ADMIN_REQUIRED")
                        && $0.hasSuffix(" 1")
                })
            // Of what both sockets answered there is one number.
            let checks = try MetricsTests.checks(in: lines)
            for _ in 0..<3 { #expect(try await client.health()) }
            for _ in 0..<2 { #expect(try await admin.health()) }
            let later = try await MetricsTests.text(admin).split(separator: "\n")
            #expect(try MetricsTests.checks(in: later) == checks + 5)
            for client in [client, admin] { await client.close() }
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }
    }
}
