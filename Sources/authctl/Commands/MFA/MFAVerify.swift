import ArgumentParser
import AuthClient

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
                let email = try await context.session().email
                let secret = try password.input.read("Password for \(Format.safe(email)): ")
                let token = try password.input.read("Enrollment token: ", .enrollmentToken)
                let codes = try await context.asking(
                    password.input, "First authenticator code: "
                ) { code throws(Failure) in
                    let session = try await context.session()
                    return try await context.call { () async throws(AuthClientError) in
                        try await context.client.verifyMFA(
                            password: secret, enrollmentToken: token, code: code,
                            accessToken: session.access, options: context.options)
                    }
                }
                let output = RecoveryCodesOutput(codes)
                context.show(output, output.text("MFA is on; all other sessions have ended."))
            }
        }
    }
}
