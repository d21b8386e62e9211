import Foundation
import Testing

/// What is said of a command line that can't be understood.
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
    func `No argument that may be a secret is repeated`(arguments: [String]) throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        for form in [[], ["--json"]] {
            let outcome = try fixture.run(arguments + form)
            #expect(outcome.exitCode == 2)
            #expect(!(outcome.output + outcome.errors).contains("S3cretToken"))
        }
        let words = try fixture.run(["login", "a@b.example", "S3cretToken"]).errors
        #expect(words.contains("Unexpected argument") && words.contains("--password-stdin"))
    }

    @Test func `The daemon repeats no argument either`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let authd = CommandLineFixture.program("authd")
        for arguments in [["S3cretToken"], ["--jwt-secret=S3cretToken"]] {
            let outcome = try fixture.run(authd, arguments)
            #expect(outcome.exitCode == 64)
            #expect(!(outcome.output + outcome.errors).contains("S3cretToken"))
        }
    }
}
