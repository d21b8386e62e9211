import ArgumentParser
import AuthClient

extension MFA {
    /// `authctl mfa recovery-codes`
    struct RecoveryCodes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create 10 new recovery codes. The old ones no longer work.",
            discussion: """
                An authenticator code is needed. If you have lost the authenticator, turn MFA off \
                with a recovery code, and set it up again.

                With --password-stdin, the first line is the password, the second the code.
                """)

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let (session, secret) = try await context.sessionAndPassword(password.input)
                let codes = try await context.asking(
                    password.input, "Authenticator code: "
                ) { code throws(Failure) in
                    try await context.call { () async throws(AuthClientError) in
                        try await context.client.regenerateRecoveryCodes(
                            password: secret, code: code, accessToken: session.access,
                            options: context.options)
                    }
                }
                let output = RecoveryCodesOutput(codes)
                context.show(output, output.text("The old recovery codes no longer work."))
            }
        }
    }
}
