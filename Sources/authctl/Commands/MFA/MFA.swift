import ArgumentParser
import AuthClient

/// `authctl mfa`
struct MFA: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mfa",
        abstract: "Set up, test and turn off multi-factor authentication.",
        discussion: """
            Codes are asked for without echo, or with --password-stdin read from standard input, \
            one per line after the password; they are never an argument. Each code works once.
            """,
        subcommands: [
            Setup.self, Verify.self, Validate.self, Status.self, Disable.self, RecoveryCodes.self,
        ], defaultSubcommand: Status.self)
}
