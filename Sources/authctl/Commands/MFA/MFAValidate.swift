import ArgumentParser
import AuthClient

extension MFA {
    /// `authctl mfa validate`
    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Test a code of the authenticator. It is used up.",
            discussion:
                "With --password-stdin the first line is the password, the second the code.")

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let (session, secret) = try await context.sessionAndPassword(password.input)
                try await context.asking(
                    password.input, "Code of the authenticator: "
                ) { code throws(Failure) in
                    try await context.call { () async throws(AuthClientError) in
                        try await context.client.validateMFA(
                            password: secret, code: code, accessToken: session.access,
                            options: context.options)
                    }
                }
                context.show(["code": "valid"], "the code is right; it is used up now")
            }
        }
    }
}
