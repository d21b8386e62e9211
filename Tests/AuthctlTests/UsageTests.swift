import Foundation
import Testing

/// Errors for invalid command lines.
@Suite struct UsageTests {
    @Test(arguments: [
        ["verify", "eyJhbGciOiJIUzI1NiJ9.S3cretToken"],
        ["reset-password", "pr1.S3cretToken"],
        ["login", "a@b.example", "S3cretToken"],
        ["login", "a@b.example", "S3cretToken", "more words"],
        ["login", "a@b.example", "--password-stdin=S3cretToken"],
        ["login", "a@b.example", "--password=S3cretToken"],
        ["login", "a@b.example", "-pS3cretToken"],
        ["login", "a@b.example", "-pS3cretToken=x"],
        ["mfa", "S3cretToken"], ["S3cretToken"], ["login", "a@b.example", "it's\nS3cretToken"],
    ])
    func `authctl repeats no argument that may be a secret`(arguments: [String]) throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        for form in [[], ["--json"]] {
            let outcome = try fixture.run(arguments + form)
            #expect(outcome.exitCode == 2)
            #expect(!(outcome.output + outcome.errors).contains("S3cretToken"))
        }
        let words = try fixture.run(["login", "a@b.example", "S3cretToken"]).errors
        #expect(words.contains("Unexpected argument") && words.contains("--password-stdin"))
    }

    @Test func `authd repeats no argument that may be a secret`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let authd = CommandLineFixture.program("authd")
        for arguments in [["S3cretToken"], ["--jwt-secret=S3cretToken"]] {
            let outcome = try fixture.run(authd, arguments)
            #expect(outcome.exitCode == 64)
            #expect(!(outcome.output + outcome.errors).contains("S3cretToken"))
        }
    }

    @Test(arguments: ["foo", "unix:", "tls:localhost", "tcp:10.0.0.1:1", ""])
    func `An invalid address is a usage error`(address: String) throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let outcome = try fixture.run(["health", "--socket", address])
        #expect(outcome.exitCode == 2)
        #expect(outcome.errors.contains("ADDRESS_INVALID"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("is authd running"))
    }

    @Test(arguments: [
        ["ping", "--count", "x"], ["ping", "-c", "0"], ["login"], ["nonsense"],
        ["login", "a@b.example", "more"], ["admin", "audit", "key"], ["health", "--socket", "foo"],
    ])
    func `With --json a usage error is one JSON object on standard error`(arguments: [String])
        throws
    {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let outcome = try fixture.run(arguments + ["--json"])
        #expect(outcome.exitCode == 2 && outcome.output.isEmpty)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.errors.utf8))
        let error = try #require((object as? [String: [String: Any]])?["error"])
        #expect(["USAGE", "ADDRESS_INVALID"].contains(error["reason"] as? String))
        #expect((error["message"] as? String)?.isEmpty == false)
    }

    @Test func `An export to - is refused and creates no file`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let outcome = try fixture.run(
            "/bin/sh",
            ["-c", "cd \(fixture.home) && \(CommandLineFixture.program("authctl")) admin export -"])
        #expect(outcome.exitCode == 2)
        #expect(!FileManager.default.fileExists(atPath: fixture.home + "/-"))
    }

    @Test func `Writing the audit key reports its path and overwrites no file`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let secret = fixture.home + "/state/jwt_secret"
        try FileManager.default.createDirectory(
            atPath: fixture.home + "/state", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(
            atPath: secret, contents: Data("0123456789012345678901234567890123456789\n".utf8),
            attributes: [.posixPermissions: 0o600])
        let key = fixture.home + "/key"
        let arguments = ["admin", "audit", "key", key, "--state-dir", fixture.home + "/state"]
        let made = try fixture.run(arguments + ["--json"])
        #expect(made.exitCode == 0 && made.output.contains(key), "\(made.errors)")
        let content = try String(contentsOfFile: key, encoding: .utf8)
        let again = try fixture.run(arguments)
        #expect(again.exitCode == 2 && again.errors.contains("FILE_EXISTS"), "\(again.errors)")
        #expect(try String(contentsOfFile: key, encoding: .utf8) == content)
    }
}
