import ArgumentParser
import AuthClient
import Foundation

/// `authctl admin password-reset`
struct AdminPasswordReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password-reset",
        abstract: "Create a one-time token with which a user sets a new password.",
        discussion: """
            Give it to the user only; they use it within an hour with 'authctl reset-password' or \
            whatever calls ResetPassword for them. Until then their password stays as it is.
            """)

    @OptionGroup var account: AccountArgument
    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let email: String
        let resetToken: String
        let expiresAt: Date
    }

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            let ticket = try await context.call { () async throws(AuthClientError) in
                try await context.client.issuePasswordReset(
                    email: email, options: context.options)
            }
            let token = ticket.token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            context.show(
                Output(email: email, resetToken: token, expiresAt: ticket.expiresAt),
                Format.fields([
                    ("for", email), ("one-time token", token),
                    ("expires", Format.time(ticket.expiresAt)),
                ]))
        }
    }
}
