import AuthMessages
import Glibc
import Testing
import Transport

extension IntegrationTests {
    struct LifecycleTests {
        @Test func `An account works from registration to deletion over a Unix socket`()
            async throws
        {
            try await withDaemon(["AUTHD_SESSION_CACHE_SECONDS": "0"]) { _, _, client in
                try await LifecycleTests.live(client)
            }
        }

        @Test func `A TCP listener on loopback serves beside the Unix socket`() async throws {
            let address = try TCPPort().address
            let home = try DaemonHome(
                ["AUTHD_SESSION_CACHE_SECONDS": "0"], alsoListening: address)
            let process = try await home.start()
            let tcp = TestClient(
                address: try SocketAddress(parsing: address), limits: RPCClientLimits(),
                secrets: home.secrets)
            try await LifecycleTests.live(tcp)
            let unix = try home.client()
            #expect(try await unix.health())
            for client in [tcp, unix] { await client.close() }
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            try home.checkLog()
        }

        @Test func `SIGTERM stops a daemon that is still waiting for its store`() async throws {
            let port = try TCPPort()
            let silent = try port.listeningSocket()
            defer { close(silent) }
            let home = try DaemonHome([
                "AUTHD_STORE": "azure", "SAS_TOKEN": "sv=2021-12-02&sig=c2lnbmF0dXJl",
                "ENDPOINT": "http://127.0.0.1:\(port.number)/devstoreaccount1",
            ])
            let process = try home.launch()
            // It has asked, and gets no answer.
            var descriptor = pollfd(fd: silent, events: Int16(POLLIN), revents: 0)
            try await eventually("the daemon asks its store", within: .seconds(20)) {
                poll(&descriptor, 1, 0) > 0 ? () : nil
            }
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(8)) == .code(0))
            #expect(try home.log().contains("stopped before it was ready"))
        }

        /// glibc gives each thread one, up to eight for a core, and each keeps what it once held.
        @Test func `The daemon has no more malloc arenas than cores`() async throws {
            try await withDaemon(["AUTHD_BCRYPT_COST": "4"]) { home, process, client in
                try await withThrowingTaskGroup { group in
                    for number in 0..<32 {
                        group.addTask {
                            let client = try home.client()
                            let email = "user-\(number)@example.org"
                            try await client.register(email, "old-lantern-73-moss")
                            let login = try await client.login(email, "old-lantern-73-moss")
                            _ = try await client.refresh(login.refresh)
                            await client.close()
                        }
                    }
                    try await group.waitForAll()
                }
                // The first is not among those that are mapped.
                let cores = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
                #expect(try process.mappedHeapCount() < cores)
                #expect(try await client.health())
            }
        }

        private static func live(_ client: TestClient) async throws {
            let email = "eve@example.org"
            let (old, new) = ("old-lantern-73-moss", "new-lantern-91-fern")
            let registered = try await client.register(" Eve@Example.ORG ", old)
            #expect(registered.email == email)
            #expect(try await reason { try await client.register(email, new) } == .emailTaken)

            let login = try await client.login(email, old)
            #expect(login.userID == registered.userID)
            let claims = try await client.verify(login.access)
            #expect(claims.userID == registered.userID)
            #expect(claims.email == email)
            #expect(claims.sessionID == login.sessionID)
            #expect(claims.authenticationMethods == ["pwd"])

            let renewed = try await client.refresh(login.refresh)
            #expect(renewed.sessionID == login.sessionID)
            #expect(renewed.refresh != login.refresh)
            try await client.verify(renewed.access)

            let other = try await client.login(email, old)
            #expect(try await client.sessions(renewed.access).count == 2)
            try await client.changePassword(renewed.access, from: old, to: new)
            #expect(
                try await reason { try await client.login(email, old) } == .invalidCredentials)
            #expect(try await reason { try await client.verify(other.access) } == .tokenRevoked)
            #expect(try await reason { try await client.refresh(other.refresh) } == .tokenRevoked)

            let again = try await client.login(email, new)
            try await client.logout(again.access)
            #expect(try await reason { try await client.verify(again.access) } == .tokenRevoked)

            let last = try await client.refresh(renewed.refresh)
            #expect(
                try await reason { try await client.deleteUser(last.access, old) }
                    == .invalidCredentials)
            try await client.deleteUser(last.access, new)
            #expect(try await reason { try await client.verify(last.access) } == .tokenRevoked)
            #expect(try await reason { try await client.refresh(last.refresh) } == .tokenRevoked)
            #expect(
                try await reason { try await client.login(email, new) } == .invalidCredentials)
            try await client.register(email, old)
        }
    }
}
