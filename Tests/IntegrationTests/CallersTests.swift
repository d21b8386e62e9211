import AuthMessages
import Bytes
import Foundation
import Glibc
import ProtobufCodec
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// What a caller who is not allowed can't get.
    struct CallersTests {
        private static let email = "caller@example.org"
        private static let password = "thicket-ember-77-moth"
        private static let stranger: UInt32 = 4242

        /// A socket that every user of the machine can open.
        private static func openHome(_ settings: [String: String] = [:]) throws -> DaemonHome {
            let home = try DaemonHome(settings.merging(["AUTHD_SOCKET_MODE": "0666"]) { $1 })
            chmod(home.directory.path, 0o711)
            return home
        }

        private static func write(_ policy: String, _ home: DaemonHome) throws -> String {
            let path = home.directory.path(of: "callers.yaml")
            try Data(policy.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o644)
            return path
        }

        @Test(.enabled(if: geteuid() == 0, "to be another user needs root"))
        func `A process of an unlisted user is refused, and one of a listed user is served`()
            async throws
        {
            let home = try CallersTests.openHome(["AUTHD_ALLOW_UIDS": "4343"])
            let process = try await home.start()
            let arguments = ["health", "--socket", "unix:\(home.socketPath)"]
            let refused = try await CommandRun.authctl(arguments, uid: CallersTests.stranger)
            #expect(refused.exitCode == 1)
            #expect(refused.output.contains("CALLER_NOT_ALLOWED"))
            #expect(refused.output.contains("uid 4242"))
            let served = try await CommandRun.authctl(arguments, uid: 4343)
            #expect(served.exitCode == 0, "\(served.output)")
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            let log = try home.log()
            #expect(log.contains("\"reason\":\"CALLER_NOT_ALLOWED\""))
            #expect(log.contains("\"uid\":4242,\"gid\":4242,\"pid\":"))
        }

        @Test(.enabled(if: geteuid() == 0, "to be another user needs root"))
        func `A caller that is not an administrator is refused every admin RPC`() async throws {
            let home = try CallersTests.openHome()
            let process = try await home.start()
            let client = try home.client()
            try await client.register(CallersTests.email, CallersTests.password)
            await client.close()
            let socket = ["--socket", "unix:\(home.socketPath)"]
            let commands = [
                ["admin", "users", "list"], ["admin", "users", "show", CallersTests.email],
                ["admin", "password-reset", CallersTests.email],
                ["admin", "users", "unlock", CallersTests.email],
                ["admin", "users", "disable", CallersTests.email, "--yes"],
                ["admin", "users", "enable", CallersTests.email],
                ["admin", "mfa-reset", CallersTests.email, "--yes"],
                ["admin", "revoke-sessions", CallersTests.email, "--yes"],
                ["admin", "stats"], ["admin", "backup"],
                ["admin", "users", "delete", CallersTests.email, "--yes"],
            ]
            for command in commands {
                let refused = try await CommandRun.authctl(
                    command + socket, uid: CallersTests.stranger)
                #expect(refused.exitCode == 1, "\(refused.output)")
                #expect(refused.output.contains("ADMIN_REQUIRED"), "\(refused.output)")
                let served = try await CommandRun.authctl(command + socket)
                // There is no MFA to turn off: an answer all the same.
                let isAnswered =
                    served.exitCode == 0 || served.output.contains("MFA_NOT_ENABLED")
                #expect(isAnswered, "\(served.output)")
            }
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            let refusals = try home.log().split(separator: "\n").filter {
                $0.contains("\"reason\":\"ADMIN_REQUIRED\"") && $0.contains("\"uid\":4242")
            }
            #expect(refusals.count == commands.count)
        }

        @Test
        func `A flood of refused calls leaves few audit lines, which count the omitted ones`()
            async throws
        {
            let home = try DaemonHome()
            let log = home.directory.path(of: "audit")
            let policy = try CallersTests.write(
                "callers:\n  - {name: us, uid: any, methods: [Login]}\n", home)
            let process = try home.launch(
                changing: ["AUTHD_CALLERS_FILE": policy, "AUTHD_AUDIT": "file:\(log)"])
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            let began = ContinuousClock.now
            let floodCount = 3000
            for _ in 0..<floodCount {
                // What a caller says of himself makes nobody of him.
                let forged = [
                    MetadataPair(key: "x-client-uid", value: "0"),
                    MetadataPair(key: "x-client-address", value: "203.0.113.66"),
                ]
                let refusal = try await reason {
                    try await client.call(
                        "GetStats", GetStatsRequest(), as: GetStatsResponse.self,
                        service: "authd.v1.AdminService", saying: forged)
                }
                #expect(refusal == .adminRequired)
            }
            let seconds = Int((ContinuousClock.now - began) / .seconds(1)) + 1
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
                .filter { $0.contains("ADMIN_REQUIRED") }
            let counts = lines.compactMap { line -> Int? in
                guard let range = line.range(of: "\"left_out\":") else { return nil }
                return Int(line[range.upperBound...].prefix { $0.isNumber })
            }
            #expect(lines.count <= 11 * (seconds + 1))
            #expect(!counts.isEmpty)
            #expect(lines.count - counts.count + counts.reduce(0, +) == floodCount)
            #expect(!lines.contains { $0.contains("203.0.113.66") })
        }

        @Test(.enabled(if: geteuid() == 0, "to be another user needs root"))
        func `The admin socket has mode 0600 and cannot be opened by another user`() async throws {
            let home = try CallersTests.openHome()
            let path = home.directory.path(of: "a")
            let process = try home.launch(
                changing: ["AUTHD_ADMIN_LISTEN": "unix:\(path)"])
            let arguments = ["health", "--socket", "unix:\(path)"]
            try await eventually("the administrators' socket serves", within: .seconds(20)) {
                try await CommandRun.authctl(arguments).exitCode == 0 ? () : nil
            }
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            let refused = try await CommandRun.authctl(arguments, uid: CallersTests.stranger)
            #expect(refused.exitCode == 3, "\(refused.output)")
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            #expect(stat(path, &status) != 0)
        }

        @Test
        func `A client address is accepted only from a caller the policy allows to state it`()
            async throws
        {
            let home = try DaemonHome()
            let log = home.directory.path(of: "audit")
            let policy = try CallersTests.write(
                "callers:\n  - name: us\n    uid: any\n", home)
            let process = try home.launch(
                changing: ["AUTHD_CALLERS_FILE": policy, "AUTHD_AUDIT": "file:\(log)"])
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            try await client.register(CallersTests.email, CallersTests.password)
            let forged = [MetadataPair(key: "x-client-address", value: "203.0.113.66")]
            let login = try await client.login(
                CallersTests.email, CallersTests.password, saying: forged)
            #expect(try await client.sessions(login.access).map(\.clientAddress) == [""])
            // Not even a value that is no address has an effect.
            let garbage = [MetadataPair(key: "X-Client-Address", value: "'; --")]
            _ = try await client.login(
                CallersTests.email, CallersTests.password, saying: garbage)

            _ = try CallersTests.write(
                "callers:\n  - name: us\n    uid: any\n    client_address: true\n", home)
            process.signal(SIGHUP)
            try await eventually("the new policy is in force") {
                try home.log().contains("callers reloaded") ? () : nil
            }
            let stated = [MetadataPair(key: "x-client-address", value: "203.0.113.7")]
            _ = try await client.login(CallersTests.email, CallersTests.password, saying: stated)
            // One address has one text, and nothing else comes with it.
            let spelled = [MetadataPair(key: "x-client-address", value: "2001:DB8:0:0::07")]
            _ = try await client.login(CallersTests.email, CallersTests.password, saying: spelled)
            for odd in ["203.0.113.7\0junk", "203.0.113.7 ", "203.0.113.7:80", "::1%lo", ""] {
                let pair = [MetadataPair(key: "x-client-address", value: odd)]
                let refusal = try await reason {
                    try await client.login(
                        CallersTests.email, CallersTests.password, saying: pair)
                }
                #expect(refusal == .argumentInvalid)
            }
            let addresses = try await client.sessions(login.access).map(\.clientAddress)
            #expect(Set(addresses) == ["", "203.0.113.7", "2001:db8::7"])
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            let audit = try String(contentsOfFile: log, encoding: .utf8)
            #expect(!audit.contains("203.0.113.66"))
            #expect(audit.contains("\"client_address\":\"203.0.113.7\""))
        }

        @Test
        func `A caller policy writable by other users is refused at startup and on SIGHUP`()
            async throws
        {
            let home = try DaemonHome()
            let path = try CallersTests.write("callers:\n  - name: us\n    uid: any\n", home)
            chmod(path, 0o666)
            let refused = try home.launch(changing: ["AUTHD_CALLERS_FILE": path])
            #expect(try await refused.exit(within: .seconds(20)) == .code(64))
            #expect(try home.log().contains("is writable by other users (mode 0666)"))
            chmod(path, 0o644)
            let process = try home.launch(changing: ["AUTHD_CALLERS_FILE": path])
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            chmod(path, 0o622)
            process.signal(SIGHUP)
            try await eventually("the policy is refused") {
                try home.log().contains("reloading callers failed") ? () : nil
            }
            #expect(try await client.health())
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
        }

        @Test
        func `A caller over its rate limit is told when to retry`() async throws {
            let home = try DaemonHome()
            let policy = try CallersTests.write(
                "callers:\n  - {name: us, uid: any, calls_per_second: 0.5, burst: 40}\n", home)
            let process = try home.launch(changing: ["AUTHD_CALLERS_FILE": policy])
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20), every: .milliseconds(200)) {
                try? await client.health() ? () : nil
            }
            var refusal: RPCError?
            for _ in 0..<41 where refusal == nil {
                if case .failure(let error) = try await outcome({ try await client.health() }) {
                    refusal = error
                }
            }
            #expect(refusal?.code == .resourceExhausted)
            #expect(refusal?.reason == .throttled)
            let delay = try #require(refusal?.retryDelay)
            #expect(delay > .zero && delay <= .seconds(2))
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
        }
    }
}
