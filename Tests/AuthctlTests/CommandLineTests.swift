import Foundation
import Testing

@Suite struct CommandLineTests {
    private static let password = "violet-anchor-93-trumpet"
    private static let newPassword = "copper-lantern-58-meadow"

    private func loggedIn() throws -> CommandLineFixture {
        let fixture = try CommandLineFixture()
        let registered = try fixture.run(
            ["register", "ada@example.com", "--password-stdin"], input: Self.password + "\n")
        try #require(registered.exitCode == 0, "\(registered.errors)")
        let login = try fixture.run(
            ["login", "ada@example.com", "--password-stdin"], input: Self.password)
        try #require(login.exitCode == 0, "\(login.errors)")
        return fixture
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `The main commands work from register to delete-user`() throws {
        let fixture = try loggedIn()
        for arguments in [["whoami"], ["refresh"], ["sessions"], ["keys"], ["ping", "-c", "3"]] {
            let outcome = try fixture.run(arguments)
            #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.isEmpty)
            let asJSON = try fixture.run(arguments + ["--json"])
            #expect(asJSON.exitCode == 0)
            #expect(throws: Never.self) { try json(asJSON.output) }
        }
        let changed = try fixture.run(
            ["passwd", "--password-stdin"], input: "\(Self.password)\n\(Self.newPassword)\n")
        #expect(changed.exitCode == 0, "\(changed.errors)")
        #expect(try fixture.run(["whoami"]).exitCode == 0)
        let deleted = try fixture.run(
            ["delete-user", "--password-stdin"], input: Self.newPassword)
        #expect(deleted.exitCode == 0, "\(deleted.errors)")
        #expect(!FileManager.default.fileExists(atPath: fixture.tokenFile()))
        #expect(try fixture.run(["whoami"]).exitCode == 5)
    }

    @Test func `A refusal exits with code 1 and its reason, as text and as JSON`() throws {
        let fixture = try loggedIn()
        let wrong = try fixture.run(
            ["login", "ada@example.com", "--password-stdin"], input: "not-the-password")
        #expect(wrong.exitCode == 1)
        #expect(wrong.errors.contains("INVALID_CREDENTIALS"))
        let weak = try fixture.run(
            ["register", "b@example.com", "--password-stdin", "--json"], input: "password")
        #expect(weak.exitCode == 1)
        let error = try #require(try json(weak.errors)["error"] as? [String: Any])
        #expect(error["reason"] as? String == "PASSWORD_TOO_WEAK")
        #expect((error["metadata"] as? [String: String])?["rules"]?.contains("common") == true)
    }

    @Test func `A usage error exits with code 2`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        for arguments in [
            ["nonsense"], ["login"], ["login", "a@b.example", "--timeout", "0"],
            ["login", "a@b.example", "--profile", "../x", "--password-stdin"],
            ["login", "a@b.example", "--password", "x"], ["ping", "-c", "0"],
        ] {
            let outcome = try fixture.run(arguments, input: "x\n")
            #expect(outcome.exitCode == 2, "\(arguments): \(outcome.errors)")
        }
        #expect(try fixture.run(["--help"]).exitCode == 0)
        #expect(try fixture.run(["--version"]).output.hasPrefix("authctl "))
    }

    @Test func `Without a daemon the exit code is 3 and the error names the address`()
        throws
    {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let outcome = try fixture.run(["health"])
        #expect(outcome.exitCode == 3)
        #expect(outcome.errors.contains("unix:\(fixture.home)/s"))
        #expect(outcome.errors.contains("AUTHD_SOCKET"))
        let named = try fixture.run(["health", "--socket", "unix:/nonexistent/s"])
        #expect(named.exitCode == 3)
        #expect(named.errors.contains("/nonexistent/s"))
    }

    @Test func `The token file is private, and one that is not is refused`() throws {
        let fixture = try loggedIn()
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.tokenFile())
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let directory = try FileManager.default.attributesOfItem(
            atPath: fixture.home + "/client/authctl")
        #expect(directory[.posixPermissions] as? Int == 0o700)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: fixture.tokenFile())
        let outcome = try fixture.run(["whoami"])
        #expect(outcome.exitCode == 5)
        #expect(outcome.errors.contains("read by other users"))
    }

    /// As services and cron jobs are started.
    @Test func `Without a home directory only commands that need no tokens work`() throws {
        let fixture = try loggedIn()
        func run(_ arguments: String..., input: String = "") throws -> CommandLineFixture.Outcome {
            let unset = ["-u", "HOME", "-u", "XDG_STATE_HOME"]
            return try fixture.run(
                "/usr/bin/env", unset + [CommandLineFixture.program("authctl")] + arguments,
                input: input)
        }
        #expect(try run("health").exitCode == 0)
        let sessions = try fixture.run(["sessions", "--json"]).output
        let refused = try run(
            "login", "ada@example.com", "--password-stdin", input: Self.password + "\n")
        #expect(refused.exitCode == 5)
        #expect(refused.errors.contains("NO_STATE_DIRECTORY"))
        #expect(try fixture.run(["sessions", "--json"]).output == sessions)
        #expect(try run("whoami").exitCode == 5)
        #expect(try run("health", "--profile", "a/b").exitCode == 2)
    }

    @Test func `An expired access token is renewed automatically, and only once for two commands`()
        async throws
    {
        let fixture = try loggedIn()
        let data = try Data(contentsOf: URL(fileURLWithPath: fixture.tokenFile()))
        var tokens = try json(String(decoding: data, as: UTF8.self))
        let before = try #require(tokens["refreshToken"] as? String)
        tokens["accessExpiresAt"] = 1.0
        try JSONSerialization.data(withJSONObject: tokens).write(
            to: URL(fileURLWithPath: fixture.tokenFile()))
        let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
            let arguments = ["whoami"]
            let program = CommandLineFixture.program("authctl")
            let home = fixture.home
            for _ in 0..<2 {
                group.addTask {
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: program)
                    process.arguments = arguments
                    process.environment = [
                        "AUTHD_SOCKET": "unix:\(home)/s", "XDG_STATE_HOME": home + "/client",
                    ]
                    process.standardOutput = FileHandle.nullDevice
                    try process.run()
                    process.waitUntilExit()
                    return process.terminationStatus
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == [0, 0])
        let after = try json(
            String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: fixture.tokenFile())),
                as: UTF8.self))
        let renewed = try #require(after["refreshToken"] as? String)
        #expect(renewed != before)
        // Generation 2 in the token: it was renewed once, not twice.
        let payload = renewed.split(separator: ".")[1]
        #expect(try claims(payload)["gen"] as? Int == 2)
    }

    private func claims(_ part: Substring) throws -> [String: Any] {
        var text = part.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return try json(String(decoding: try #require(Data(base64Encoded: text)), as: UTF8.self))
    }

    @Test func `The output of whoami, sessions and verify contains no password or token`() throws {
        let fixture = try loggedIn()
        let data = try Data(contentsOf: URL(fileURLWithPath: fixture.tokenFile()))
        let tokens = try json(String(decoding: data, as: UTF8.self))
        let access = try #require(tokens["accessToken"] as? String)
        var shown = ""
        for arguments in [["whoami"], ["sessions"], ["whoami", "--json"], ["sessions", "--json"]] {
            let outcome = try fixture.run(arguments)
            shown += outcome.output + outcome.errors
        }
        let verified = try fixture.run(["verify"], input: access + "\n")
        #expect(verified.exitCode == 0)
        let refused = try fixture.run(["verify"], input: access + "x")
        #expect(refused.exitCode == 1)
        shown += verified.output + refused.output + refused.errors
        #expect(shown.contains("ada@example.com"))
        for secret in [access, tokens["refreshToken"] as? String ?? access, Self.password] {
            #expect(!shown.contains(secret))
        }
    }

    @Test func `A password typed at the prompt is not echoed`() throws {
        let fixture = try loggedIn()
        let outcome = try fixture.converse(
            "login ada@example.com --profile typed", prompt: "Password for ada@example.com: ",
            reply: Self.password)
        #expect(outcome.exitCode == 0, "\(outcome.output)")
        #expect(!outcome.output.contains(Self.password))
        #expect(outcome.output.contains("logged in"))
        #expect(FileManager.default.fileExists(atPath: fixture.tokenFile("typed")))
    }
}
