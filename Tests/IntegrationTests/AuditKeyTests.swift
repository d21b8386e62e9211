import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    /// `authctl admin audit` after JWT_SECRET was changed, or with it in a `.env` file.
    struct AuditKeyTests {
        private static func life(_ home: DaemonHome, _ settings: [String: String]) async throws {
            let process = try home.launch(changing: settings)
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            _ = try await reason {
                try await client.login("nobody@example.org", "granite-willow-62-fern")
            }
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
        }

        @Test
        func `An audit log written under two JWT secrets verifies only when both keys are given`()
            async throws
        {
            let home = try DaemonHome()
            let path = home.directory.path(of: "audit.log")
            let settings = ["AUTHD_AUDIT": "file:\(path)"]
            try await Self.life(home, settings)
            let state = home.directory.path(of: "state")
            let older = home.directory.path(of: "older.key")
            let made = try await CommandRun.authctl(
                ["admin", "audit", "key", older, "--state-dir", state])
            #expect(made.exitCode == 0, "\(made.output)")
            let file = home.directory.path(of: ".env")
            _ = FileManager.default.createFile(
                atPath: file,
                contents: Data(
                    "JWT_SECRET=0123456789012345678901234567890123456789\nAUTHD_STATE_DIR=\(state)\n"
                        .utf8), attributes: [.posixPermissions: 0o600])
            try await Self.life(home, settings)
            #expect(try home.log().contains("was JWT_SECRET changed?"))

            // The file jwt_secret is still there, and is not the key of the later lines.
            let stale = try await CommandRun.authctl(
                ["admin", "audit", "verify", path, "--state-dir", state])
            #expect(stale.exitCode == 1)
            #expect(stale.output.contains("is under another key"), "\(stale.output)")
            #expect(stale.output.contains("--env-file"))
            let present = try await CommandRun.authctl(
                ["admin", "audit", "verify", path, "--env-file", file])
            #expect(present.exitCode == 1)
            #expect(present.output.contains("--key-file"), "\(present.output)")
            let both = try await CommandRun.authctl(
                ["admin", "audit", "verify", path, "--key-file", older, "--env-file", file])
            #expect(both.exitCode == 0, "\(both.output)")
            #expect(both.output.contains("under another key, after seq"))
            #expect(!both.output.contains("go unnoticed"))
            let newer = home.directory.path(of: "newer.key")
            _ = try await CommandRun.authctl(
                ["admin", "audit", "key", newer, "--env-file", file])
            let elsewhere = try await CommandRun.authctl(
                ["admin", "audit", "verify", path, "--state-dir", "/nonexistent", "--json"]
                    + ["--key-file", newer, "--key-file", older])
            #expect(elsewhere.exitCode == 0, "\(elsewhere.output)")
            #expect(elsewhere.output.contains("\"whole\":true"))
        }

        @Test
        func `Audit lines in the daemon's own log verify with --mixed, which the failure suggests`()
            async throws
        {
            let home = try DaemonHome()
            try await Self.life(home, [:])
            let verify = [
                "admin", "audit", "verify", home.logPath, "--state-dir",
                home.directory.path(of: "state"),
            ]
            let plain = try await CommandRun.authctl(verify)
            #expect(plain.exitCode == 1)
            #expect(plain.output.contains("--mixed"), "\(plain.output)")
            let mixed = try await CommandRun.authctl(verify + ["--mixed"])
            #expect(mixed.exitCode == 0, "\(mixed.output)")
        }
    }
}
