import AuthMessages
import Foundation
import Glibc
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// The script that makes the list of breached passwords, and the daemon that reads it.
    struct BreachedPasswordsTests {
        /// SHA-1 of "violet-anchor-93-trumpet" and of "granite-willow-62-fern", by sha1sum(1).
        private static let first = "339D05E888847D2EBB397479A3A1439B48F948A8"
        private static let second = "1A6A12D6D1DF0FF7D3C97830C504D3795FB27D3F"

        private static func script(_ arguments: [String]) async throws -> CommandRun {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try await CommandRun.program(
                root.appendingPathComponent("scripts/make-breached-passwords").path, arguments)
        }

        @Test
        func `A listed password is refused, and SIGHUP loads a new list`() async throws {
            let home = try DaemonHome()
            let input = home.directory.path(of: "input")
            let list = home.directory.path(of: "list")
            // Out of order, with a rare one, in both cases of letters, with both line ends.
            let text = """
                \(BreachedPasswordsTests.first):12\r
                \(BreachedPasswordsTests.second.lowercased()):1
                0000000000000000000000000000000000000001:5

                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: input))
            let unordered = try await BreachedPasswordsTests.script([input, list])
            #expect(unordered.exitCode != 0)
            #expect(unordered.output.contains("use --sort"), "\(unordered.output)")
            #expect(!FileManager.default.fileExists(atPath: list))
            let made = try await BreachedPasswordsTests.script(
                ["--sort", "--min-count", "2", input, list])
            #expect(made.exitCode == 0, "\(made.output)")
            #expect(made.output.contains("2 of 3 passwords"))

            let process = try home.launch(changing: ["AUTHD_BREACHED_PASSWORDS_FILE": list])
            let client = try home.client()
            try await eventually("authd serves", within: .seconds(20)) {
                try? await client.health() ? () : nil
            }
            let outcome = try await outcome {
                try await client.register("b@example.org", "violet-anchor-93-trumpet")
            }
            guard case .failure(let refusal) = outcome else {
                throw TestFailure("a breached password was taken")
            }
            #expect(refusal.reason == .passwordTooWeak)
            #expect(refusal.message.contains("breach"))
            try await client.register("b@example.org", "granite-willow-62-fern")

            let all = try await BreachedPasswordsTests.script(["--sort", input, list])
            #expect(all.exitCode == 0, "\(all.output)")
            process.signal(SIGHUP)
            try await eventually("the new list is in use") {
                try home.log().contains("breached passwords reloaded") ? () : nil
            }
            #expect(
                try await reason {
                    try await client.register("c@example.org", "granite-willow-62-fern")
                } == .passwordTooWeak)
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(20)) == .code(0))

            try Data("no list".utf8).write(to: URL(fileURLWithPath: list))
            let refused = try home.launch(changing: ["AUTHD_BREACHED_PASSWORDS_FILE": list])
            #expect(try await refused.exit(within: .seconds(20)) == .code(64))
            #expect(try home.log().contains("AUTHD_BREACHED_PASSWORDS_FILE: \(list): "))
        }

        @Test
        func `make-breached-passwords refuses malformed input and leaves no files behind`()
            async throws
        {
            let home = try DaemonHome()
            let input = home.directory.path(of: "input")
            for text in [
                "", "password\n", "5BAA61E4C9B93F3F:3\n", "\(String(repeating: "A", count: 40))\n",
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: input))
                let run = try await BreachedPasswordsTests.script(
                    [input, home.directory.path(of: "list")])
                #expect(run.exitCode != 0, "\(text)")
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: home.directory.path)
            #expect(names == ["input"], "drafts are left behind")
        }
    }
}
