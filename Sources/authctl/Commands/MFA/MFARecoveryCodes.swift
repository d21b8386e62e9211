import ArgumentParser
import AuthClient

extension MFA {
    /// `authctl mfa recovery-codes`
    struct RecoveryCodes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make 10 new recovery codes. The old ones are worth nothing any more.",
            discussion: """
                It takes a code of the authenticator. Whoever has lost that turns MFA off with a \
                recovery code, and sets it up again.

                With --password-stdin the first line is the password, the second the code.
                """)

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let (session, secret) = try await context.sessionAndPassword(password.input)
                let codes = try await context.asking(
                    password.input, "Code of the authenticator: "
                ) { code throws(Failure) in
                    try await context.call { () async throws(AuthClientError) in
                        try await context.client.regenerateRecoveryCodes(
                            password: secret, code: code, accessToken: session.access,
                            options: context.options)
                    }
                }
                let output = RecoveryCodesOutput(codes)
                context.show(output, output.text("The old recovery codes are worth nothing now."))
            }
        }
    }
}
