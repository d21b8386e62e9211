import Foundation
import Testing

/// Output that can't be written.
@Suite struct OutputTests {
    private func shell(
        _ fixture: CommandLineFixture, _ script: String
    ) throws -> CommandLineFixture.Outcome {
        try fixture.run("/bin/bash", ["-c", script])
    }

    @Test func `A write error on standard output exits with code 5`() throws {
        let fixture = try CommandLineFixture()
        let authctl = CommandLineFixture.program("authctl")
        for command in [
            "health", "keys", "admin users", "admin metrics", "admin stats --json", "--help",
            "--version", "--generate-completion-script bash",
        ] {
            let outcome = try shell(fixture, "\(authctl) \(command) > /dev/full")
            #expect(outcome.exitCode == 5, "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains("OUTPUT"), "\(outcome.errors)")
            #expect(outcome.errors.contains("standard output can't be written: "))
        }
    }

    @Test func `A closed output pipe causes no error message`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let authctl = CommandLineFixture.program("authctl")
        // If the signal is ignored where the tests run, so it is in all programs that they start.
        for (ignores, codes) in [("", [128 + SIGPIPE, 0]), ("trap '' PIPE; ", [0])] {
            let outcome = try shell(
                fixture, "\(ignores)exec 3> >(true); wait $!; \(authctl) --help >&3; exit $?")
            #expect(outcome.errors.isEmpty)
            #expect(codes.contains(outcome.exitCode))
        }
    }

    @Test func `A write error during --check-config makes authd exit with code 1`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let authd = CommandLineFixture.program("authd")
        let outcome = try shell(fixture, "\(authd) --check-config > /dev/full")
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("standard output can't be written"))
    }
}
