import ArgumentParser

extension MFA {
    /// `authctl mfa verify`
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn MFA on with the enrollment token from 'mfa setup --json'.",
            discussion: """
                With --password-stdin, the first line is the password, the second the enrollment \
                token, the third the first authenticator code.
                """)

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let (_, secret) = try await context.sessionAndPassword(password.input)
                let token = try password.input.read("Enrollment token: ", .enrollmentToken)
                let codes = try await context.turnMFAOn(password.input, secret, token)
                let output = RecoveryCodesOutput(codes)
                context.show(output, output.text("MFA is on; all other sessions have ended."))
            }
        }
    }
}
