import Glibc
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// The daemon under a service manager: sockets it is passed, and what it says of itself.
    struct ServiceManagerTests {
        private static func exitLine(
            _ home: DaemonHome, _ settings: [String: String], passing sockets: [Int32]
        ) async throws -> String {
            let process = try home.launch(changing: settings, passing: sockets)
            #expect(try await process.exit(within: .seconds(20)) == .code(1))
            return try home.log().split(separator: "\n").last.map { String($0) } ?? ""
        }

        @Test
        func `Clients that connect to a passed socket during a restart wait for the next daemon`()
            async throws
        {
            let home = try DaemonHome(["AUTHD_LISTEN": "systemd:authd", "LISTEN_FDNAMES": "authd"])
            let socket = try UnixSocket.listening(at: home.socketPath)
            defer { close(socket) }
            for life in 0..<2 {
                let client = try home.client()
                // Nobody accepts yet: the kernel's queue holds the call.
                async let isServing = client.health()
                let process = try home.launch(passing: [socket])
                #expect(try await isServing, "life \(life)")
                process.signal(SIGTERM)
                #expect(try await process.exit(within: .seconds(40)) == .code(0))
                #expect(access(home.socketPath, F_OK) == 0)
                await client.close()
            }
            try home.checkLog()
        }

        @Test func `A passed TCP socket can serve TLS, and a passed Unix socket cannot`()
            async throws
        {
            let tls = try TLSHome(["LISTEN_FDNAMES": "web", "AUTHD_LISTEN": "systemd-tls:web"])
            let socket = try tls.port.listeningSocket()
            let unix = try UnixSocket.listening(at: tls.home.socketPath)
            defer { for descriptor in [socket, unix] { close(descriptor) } }
            #expect(
                try await ServiceManagerTests.exitLine(tls.home, [:], passing: [unix])
                    .contains("is a Unix socket, for which there is no TLS"))
            let process = try tls.home.launch(passing: [socket])
            let client = try tls.tlsClient(tls.client)
            #expect(try await client.health())
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }

        @Test func `A passed socket that is unused or open to every user is logged as a warning`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "open")
            let sockets = try [
                UnixSocket.listening(at: path),
                UnixSocket.listening(at: home.directory.path(of: "spare")),
            ]
            defer { for socket in sockets { close(socket) } }
            chmod(path, 0o666)
            let process = try home.launch(
                changing: [
                    "AUTHD_LISTEN": "unix:\(home.socketPath),systemd:open",
                    "LISTEN_FDNAMES": "open:spare", "AUTHD_LOG_FORMAT": "json",
                ], passing: sockets)
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            let lines = try home.log().split(separator: "\n")
            #expect(
                lines.count { $0.contains("no setting names it") && $0.contains("spare") } == 1)
            #expect(
                lines.count { $0.contains("every user on this machine") && $0.contains(path) }
                    == 1)
            #expect(!lines.contains { $0.contains("no setting names it") && $0.contains("open\"") })
        }

        @Test
        func `The service manager is notified of readiness, reloads, watchdog pings and shutdown`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "notify")
            let manager = try NotifySocket(path: path)
            let process = try home.launch(changing: [
                "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000",
            ])
            #expect(try await manager.next() == "READY=1")
            let client = try home.client()
            #expect(try await client.health())
            process.signal(SIGHUP)
            #expect(try await manager.next() == "RELOADING=1")
            #expect(try await manager.next() == "READY=1")
            try await manager.waitForLives(20)
            #expect(try await client.health())
            process.signal(SIGTERM)
            #expect(try await manager.next() == "STOPPING=1")
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            await client.close()
        }

        @Test func `Missing, misnamed and too permissive passed sockets are reported`() async throws
        {
            let home = try DaemonHome()
            let socket = try UnixSocket.listening(at: home.socketPath)
            defer { close(socket) }
            let named = ["LISTEN_FDNAMES": "authd", "AUTHD_LISTEN": "systemd:authd"]
            #expect(
                try await ServiceManagerTests.exitLine(home, named, passing: [])
                    .contains("passed no socket named authd; it passed none"))
            #expect(
                try await ServiceManagerTests.exitLine(
                    home, named.merging(["AUTHD_LISTEN": "systemd:other"]) { $1 },
                    passing: [socket]
                ).contains("passed no socket named other; it passed authd"))
            // Others than its owner can open it.
            chmod(home.socketPath, 0o660)
            let admin = [
                "LISTEN_FDNAMES": "authd", "AUTHD_ADMIN_LISTEN": "systemd:authd",
                "AUTHD_LISTEN": "unix:" + home.directory.path(of: "callers"),
            ]
            #expect(
                try await ServiceManagerTests.exitLine(home, admin, passing: [socket])
                    .contains("its unit needs SocketMode=0600"))
            chmod(home.socketPath, 0o600)
            let process = try home.launch(changing: admin, passing: [socket])
            let client = try home.client()
            #expect(try await client.health())
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }
    }
}
