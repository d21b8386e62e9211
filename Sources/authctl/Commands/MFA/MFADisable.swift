import ArgumentParser
import AuthClient

extension MFA {
    /// `authctl mfa disable`
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn MFA off. Deletes secret and recovery codes, ends all other sessions.",
            discussion: """
                With --password-stdin, the first line is the password, the second an \
                authenticator code or a recovery code.
                """)

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let (session, secret) = try await context.sessionAndPassword(password.input)
                try await context.provingSecondFactor(password.input) {
                    factor async throws(AuthClientError) in
                    try await context.client.disableMFA(
                        password: secret, secondFactor: factor, accessToken: session.access,
                        options: context.options)
                }
                context.show(["mfa": "off"], "MFA is off; all other sessions have ended")
            }
        }
    }
}
