import AuthMessages
import Bytes
import Foundation
import HTTPClient
import TableEmulatorControl
import TestSupport
import Testing

extension IntegrationTests {
    /// The daemon with its accounts in Azure Table Storage.
    @Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
    struct AzureTests {
        private static let email = "ann@example.org"
        private static let password = "saddle-quartz-45-reed"
        private static let fields = [
            "ss": "t", "srt": "co", "sp": "raudc", "se": "2100-01-01T00:00:00Z",
        ]

        private func home(_ emulator: TableEmulator, token: String) throws -> DaemonHome {
            let home = try DaemonHome([
                "ENDPOINT": emulator.endpoint + "/", "AUTHD_SESSION_CACHE_SECONDS": "0",
                "JWT_SECRET": "0123456789abcdef0123456789abcdef",
            ])
            try write(token, home)
            return home
        }

        private func write(_ token: String, _ home: DaemonHome) throws {
            let path = home.directory.path(of: ".env")
            let isWritten = FileManager.default.createFile(
                atPath: path, contents: Data("SAS_TOKEN='\(token)'\n".utf8),
                attributes: [.posixPermissions: 0o600])
            try #require(isWritten)
        }

        private func stop(_ process: DaemonProcess) async throws {
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }

        @Test
        func `Two daemons on one table share accounts, sessions and revocations`() async throws {
            let emulator = try await TableEmulator.start()
            let token = try await emulator.signature(AzureTests.fields)
            let homes = [
                try home(emulator, token: token), try home(emulator, token: token),
            ]
            let processes = [try await homes[0].start(), try await homes[1].start()]
            let (first, second) = (try homes[0].client(), try homes[1].client())
            try await first.register(AzureTests.email, AzureTests.password)
            #expect(
                try await reason {
                    try await second.register(AzureTests.email, AzureTests.password)
                } == .emailTaken)
            let login = try await second.login(AzureTests.email, AzureTests.password)
            let renewed = try await first.refresh(login.refresh)
            _ = try await second.verify(renewed.access)
            try await first.logout(renewed.access)
            #expect(try await reason { try await second.verify(renewed.access) } == .tokenRevoked)
            let last = try await second.login(AzureTests.email, AzureTests.password)
            try await first.deleteUser(last.access, AzureTests.password)
            #expect(
                try await reason { try await second.login(AzureTests.email, AzureTests.password) }
                    == .invalidCredentials)
            let rows = try await emulator.call(.get, "/state?table=Users")
            #expect(!"\(rows)".contains("u_"), "nothing of the user stays: \(rows)")
            for client in [first, second] { await client.close() }
            for process in processes { try await stop(process) }
            for home in homes {
                try home.checkLog()
                #expect(try !home.log().contains("sig="))
            }
            #expect(try await emulator.violations() == [])
            await emulator.stop()
        }

        @Test
        func `A dry run of a copy counts the rows and does not create the table`() async throws {
            let emulator = try await TableEmulator.start()
            let home = try DaemonHome(["AUTHD_STORE": "sqlite"])
            let process = try await home.start()
            let client = try home.client()
            try await client.register(AzureTests.email, AzureTests.password)
            await client.close()
            try await stop(process)
            try write(try await emulator.signature(AzureTests.fields), home)
            func copy(_ options: [String]) async throws -> CommandRun {
                try await CommandRun.authctl(
                    ["admin", "copy", "--from", "sqlite", "--to", "azure"] + options,
                    environment: [
                        "AUTHD_ENV_FILE": home.directory.path(of: ".env"),
                        "AUTHD_STATE_DIR": home.directory.path(of: "state"),
                        "ENDPOINT": emulator.endpoint + "/",
                    ])
            }
            let dry = try await copy(["--dry-run"])
            #expect(dry.exitCode == 0 && dry.output.contains("would copy 1 "), "\(dry.output)")
            #expect(!dry.output.contains("created the table"))
            let wet = try await copy([])
            #expect(wet.exitCode == 0, "\(wet.output)")
            #expect(wet.output.contains("created the table"))
            await emulator.stop()
        }

        @Test
        func `While the table fails calls get STORE_UNAVAILABLE and health NOT_SERVING`()
            async throws
        {
            let emulator = try await TableEmulator.start()
            let home = try home(emulator, token: try await emulator.signature(AzureTests.fields))
            let process = try await home.start()
            let client = try home.client()
            try await client.register(AzureTests.email, AzureTests.password)
            try await emulator.addFault(match: [:], fault: ["kind": "internal_error"], times: nil)
            #expect(
                try await reason { try await client.login(AzureTests.email, AzureTests.password) }
                    == .storeUnavailable)
            try await eventually("Health says NOT_SERVING") {
                try await client.health() ? nil : ()
            }
            try await emulator.call(.delete, "/faults")
            try await eventually("Health says SERVING again", within: .seconds(40)) {
                try await client.health() ? () : nil
            }
            _ = try await client.login(AzureTests.email, AzureTests.password)
            await client.close()
            try await stop(process)
            try home.checkLog()
            await emulator.stop()
        }

        @Test
        func `A SIGHUP while the daemon waits for its store takes effect after the start`()
            async throws
        {
            let emulator = try await TableEmulator.start()
            let home = try home(emulator, token: try await emulator.signature(AzureTests.fields))
            let policy = home.directory.path(of: "callers.yaml")
            func write(_ uid: String) throws {
                try Data("callers:\n  - name: us\n    uid: \(uid)\n".utf8)
                    .write(to: URL(fileURLWithPath: policy))
                chmod(policy, 0o644)
            }
            try write("any")
            try await emulator.addFault(
                match: [:], fault: ["kind": "delay", "seconds": 3], times: 1)
            let process = try home.launch(changing: ["AUTHD_CALLERS_FILE": policy])
            try await eventually("the daemon has read its settings") {
                try home.log().contains("server secret") ? () : nil
            }
            try write("65533")
            process.signal(SIGHUP)
            try await eventually("the daemon serves", within: .seconds(20)) {
                try home.log().contains(" ready") ? () : nil
            }
            let client = try home.client()
            #expect(
                try await reason { try await client.register(AzureTests.email, "x") }
                    == .callerNotAllowed)
            await client.close()
            try await stop(process)
            await emulator.stop()
        }

        @Test
        func `SIGHUP reloads the SAS, and an invalid one leaves the old one in use`() async throws {
            let emulator = try await TableEmulator.start()
            let home = try home(emulator, token: try await emulator.signature(AzureTests.fields))
            let process = try await home.start()
            let client = try home.client()
            try await client.register(AzureTests.email, AzureTests.password)
            try await emulator.call(.post, "/sas/expire")
            #expect(
                try await reason { try await client.login(AzureTests.email, AzureTests.password) }
                    == .storeUnavailable)
            #expect(try home.log().contains("AuthenticationFailed"))
            var fields = AzureTests.fields
            fields["se"] = "2100-01-02T00:00:00Z"
            try write(try await emulator.signature(fields), home)
            process.signal(SIGHUP)
            try await eventually("the new SAS is taken") {
                try home.log().contains("azure credential reloaded") ? () : nil
            }
            _ = try await client.login(AzureTests.email, AzureTests.password)
            try write("not a SAS", home)
            process.signal(SIGHUP)
            try await eventually("the log says that the file is of no use") {
                try home.log().contains("reloading the azure credential failed") ? () : nil
            }
            _ = try await client.login(AzureTests.email, AzureTests.password)
            await client.close()
            try await stop(process)
            try home.checkLog()
            #expect(try !home.log().contains("sig="))
            await emulator.stop()
        }

        @Test
        func `An expired SAS ends the start with exit code 1 and a log line that says so`()
            async throws
        {
            let emulator = try await TableEmulator.start()
            var fields = AzureTests.fields
            fields["se"] = "2020-01-01T00:00:00Z"
            let home = try home(emulator, token: try await emulator.signature(fields))
            let process = try home.launch()
            #expect(try await process.exit(within: .seconds(20)) == .code(1))
            let log = try home.log()
            #expect(
                log.contains("the SAS expired at 2020-01-01T00:00:00Z") && !log.contains("sig="))
            await emulator.stop()
        }
    }
}
