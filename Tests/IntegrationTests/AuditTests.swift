import AuditLog
import AuthMessages
import Bytes
import Foundation
import Glibc
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// The audit log of the built daemon, and `authctl admin audit`.
    struct AuditTests {
        private static let email = "audit@example.org"
        private static let password = "granite-willow-62-fern"

        private static func lines(_ path: String) throws -> [String] {
            try String(contentsOfFile: path, encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }

        private static func write(_ lines: [String], _ path: String) throws {
            let text = lines.map { $0 + "\n" }.joined()
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
        }

        private static func verify(_ home: DaemonHome, _ files: String...) async throws
            -> CommandRun
        {
            try await CommandRun.authctl(
                ["admin", "audit", "verify", "--state-dir", home.directory.path(of: "state")]
                    + files)
        }

        private static func start(
            _ home: DaemonHome, _ settings: [String: String]
        ) async throws -> (DaemonProcess, TestClient) {
            let process = try home.launch(changing: settings)
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            return (process, client)
        }

        private static func stop(_ process: DaemonProcess, _ client: TestClient) async throws {
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
        }

        @Test
        func `Every audited call is logged with its caller and outcome, without secrets`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "audit.log")
            let (process, client) = try await AuditTests.start(
                home, ["AUTHD_AUDIT": "file:\(path)"])
            let (email, password) = (AuditTests.email, AuditTests.password)
            let registered = try await client.register(email, password)
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let login = try await client.login(
                email, password,
                saying: [
                    MetadataPair(key: "traceparent", value: trace),
                    MetadataPair(key: "x-client-address", value: "2001:db8::7"),
                ])
            _ = try await reason { try await client.login(email, "wrong-willow-62-fern") }
            _ = try await reason { try await client.login("nobody@example.org", password) }
            _ = try await reason { try await client.login(text(of: login.access), password) }
            _ = try await reason { try await client.verify(login.refresh) }
            let next = try await client.refresh(login.refresh)
            try await client.changePassword(
                next.access, from: password, to: "feldspar-crane-81-ink")
            try await client.logout(next.access, all: true)
            try await AuditTests.stop(process, client)

            let lines = try AuditTests.lines(path)
            let audit = lines.joined(separator: "\n")
            #expect(home.secrets.count > 6)
            #expect(home.secrets.leaks(in: audit) == [])
            #expect(!audit.contains("example.org"))
            let good = try #require(lines.first { $0.contains("\"event\":\"Login\"") })
            let members = [
                "\"outcome\":\"granted\"", "\"user_id\":\"\(registered.userID)\"",
                "\"session_id\":\"\(login.sessionID)\"", "\"uid\":\(getuid()),\"gid\":\(getgid())",
                "\"pid\":\(getpid())", "\"client_address\":\"2001:db8::7\"",
                "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"", "\"service\":\"AuthService\"",
            ]
            for member in members { #expect(good.contains(member), "\(good)") }
            let refused = lines.filter { $0.contains("\"reason\":\"INVALID_CREDENTIALS\"") }
            #expect(refused.count == 2)
            #expect(refused.first?.contains("\"user_id\":\"\(registered.userID)\"") == true)
            // The address of nobody has a pseudonym, so that guesses at it can be counted.
            #expect(refused.last?.contains("\"account\":\"") == true)
            #expect(refused.last?.contains("user_id") == false)
            for event in ["Register", "Refresh", "VerifyToken", "ChangePassword", "Logout"] {
                #expect(audit.contains("\"event\":\"\(event)\""), "\(event)")
            }
            let verdict = try await AuditTests.verify(home, path)
            #expect(verdict.exitCode == 0, "\(verdict.output)")
        }

        @Test
        func `authctl admin audit verify detects every kind of tampering`() async throws {
            let home = try DaemonHome()
            let path = home.directory.path(of: "audit.log")
            let (process, client) = try await AuditTests.start(
                home, ["AUTHD_AUDIT": "file:\(path)"])
            for number in 0..<6 {
                _ = try await reason {
                    try await client.login("n\(number)@example.org", AuditTests.password)
                }
            }
            try await AuditTests.stop(process, client)
            let lines = try AuditTests.lines(path)
            #expect(lines.count == 8)
            let copy = home.directory.path(of: "copy.log")
            func verdict(_ damaged: [String]) async throws -> CommandRun {
                try AuditTests.write(damaged, copy)
                return try await AuditTests.verify(home, copy)
            }
            #expect(try await verdict(lines).exitCode == 0)
            var changed = lines
            changed[3] = changed[3].replacing("\"refused\"", with: "\"granted\"")
            var removed = lines
            removed.remove(at: 4)
            var swapped = lines
            swapped.swapAt(2, 3)
            let endless = String(repeating: "x", count: 600_000)
            let half = String(lines[3].prefix(100))
            let cases = [
                (changed, "line 4: was changed"), (removed, "1 missing lines (seq 5"),
                (swapped, "is out of place"), (Array(lines.dropLast(2)), "lines at the end"),
                (Array(lines[..<3] + [half] + lines[4...]), "line 4: is not an audit log line"),
                (Array(changed[..<2] + [endless] + changed[2...]), "line 5: was changed"),
            ]
            for (damaged, words) in cases {
                let verdict = try await verdict(damaged)
                #expect(verdict.exitCode == 1)
                #expect(verdict.output.contains(words), "\(words): \(verdict.output)")
            }
            // The key goes to those who check elsewhere; they can't tell whether the end is there.
            let key = home.directory.path(of: "key")
            let state = ["--state-dir", home.directory.path(of: "state")]
            let made = try await CommandRun.authctl(["admin", "audit", "key", key] + state)
            #expect(made.exitCode == 0, "\(made.output)")
            let again = try await CommandRun.authctl(["admin", "audit", "key", key] + state)
            #expect(again.exitCode == 2 && again.output.contains("FILE_EXISTS"))
            let elsewhere = [
                "admin", "audit", "verify", "--key-file", key, "--state-dir", "/nonexistent",
            ]
            let checked = try await CommandRun.authctl(elsewhere + [path])
            #expect(checked.exitCode == 0, "\(checked.output)")
            #expect(checked.output.contains("go unnoticed"))
            chmod(key, 0o644)
            let open = try await CommandRun.authctl(elsewhere + [path])
            #expect(open.exitCode == 5)
            #expect(open.output.contains("chmod 600"))
        }

        @Test
        func `The audit chain stays verifiable across a crash, a restart and log rotation`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "audit.log")
            let settings = ["AUTHD_AUDIT": "file:\(path)"]
            let (first, client) = try await AuditTests.start(home, settings)
            _ = try await reason { try await client.login("a@example.org", AuditTests.password) }
            await client.close()
            try await eventually("the event is written") {
                try AuditTests.lines(path).count == 2 ? () : nil
            }
            first.signal(SIGKILL)
            #expect(try await first.exit(within: .seconds(20)) == .signal(SIGKILL))

            let (second, again) = try await AuditTests.start(home, settings)
            _ = try await reason { try await again.login("b@example.org", AuditTests.password) }
            #expect(rename(path, path + ".1") == 0)
            second.signal(SIGHUP)
            try await eventually("the file is opened again") {
                FileManager.default.fileExists(atPath: path) ? () : nil
            }
            _ = try await reason { try await again.login("c@example.org", AuditTests.password) }
            try await AuditTests.stop(second, again)
            let verdict = try await AuditTests.verify(home, path + ".1", path)
            #expect(verdict.exitCode == 0, "\(verdict.output)")
            #expect(verdict.output.contains("seq 1 to"))
            let newOnly = try await AuditTests.verify(home, path)
            #expect(newOnly.output.contains("earlier lines are not in these files"))
        }

        @Test(arguments: ["fifo", "full"])
        func `A log that can't be written does not stop the daemon`(_ kind: String) async throws {
            let home = try DaemonHome()
            let fifo = home.directory.path(of: "fifo")
            #expect(mkfifo(fifo, 0o600) == 0)
            let path = kind == "fifo" ? fifo : "/dev/full"
            let (process, client) = try await AuditTests.start(
                home, ["AUTHD_AUDIT": "file:\(path)"])
            try await client.register(AuditTests.email, AuditTests.password)
            _ = try await client.login(AuditTests.email, AuditTests.password)
            try await AuditTests.stop(process, client)
            #expect(try home.log().contains(path))
            #expect(try home.log().contains("the last audit events were not written"))
        }

        @Test(arguments: ["fifo", "full"])
        func `With AUTHD_AUDIT_FAIL_CLOSED no call is served while the audit log is unwritable`(
            _ kind: String
        ) async throws {
            let home = try DaemonHome()
            let fifo = home.directory.path(of: "fifo")
            #expect(mkfifo(fifo, 0o600) == 0)
            let process = try home.launch(changing: [
                "AUTHD_AUDIT": "file:\(kind == "fifo" ? fifo : "/dev/full")",
                "AUTHD_AUDIT_FAIL_CLOSED": "true",
            ])
            let client = try home.client()
            try await eventually("authd answers", within: .seconds(20)) { () -> Void? in
                switch try? await outcome({ try await client.health() }) {
                case .failure(let error) where error.reason == .auditUnavailable: ()
                default: nil
                }
            }
            #expect(
                try await reason {
                    try await client.register(AuditTests.email, AuditTests.password)
                } == .auditUnavailable)
            guard kind == "fifo" else {
                try await AuditTests.stop(process, client)
                return
            }
            let reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(reader) }
            try await eventually("authd serves again", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            // Nothing was done before.
            try await client.register(AuditTests.email, AuditTests.password)
            try await AuditTests.stop(process, client)
        }
    }
}
