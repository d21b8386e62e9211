import ArgumentParser
import AuthClient

/// Which account a command is about.
struct AccountArgument: ParsableArguments {
    @Argument(help: "Email address of the account.")
    var email: String
}

/// A command that changes one account with one call, and says what it did.
protocol AccountChange: AsyncParsableCommand {
    var account: AccountArgument { get }
    var common: CommonOptions { get }

    /// Asks before the call, with an address that is safe for a terminal.
    ///
    /// - Throws: when the answer is no, or nobody is there to ask.
    func ask(about name: String) throws(Failure)

    func change(_ email: String, _ context: Context) async throws(AuthClientError)

    /// What was done: the name of the address in JSON, and a line for people.
    func report(of name: String) -> (key: String, line: String)
}

extension AccountChange {
    func ask(about name: String) throws(Failure) {}

    func run() async throws {
        let email = account.email
        let name = Format.safe(email)
        try await common.run { context throws(Failure) in
            try ask(about: name)
            try await context.call { () async throws(AuthClientError) in
                try await change(email, context)
            }
            let (key, line) = report(of: name)
            context.show([key: email], line)
        }
    }
}

/// `authctl admin users disable`
struct AdminUserDisable: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Disable an account; its sessions end.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func ask(about name: String) throws(Failure) {
        try confirmation.ask("Disable \(name) and end its sessions?")
    }

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.setUserDisabled(true, email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("disabled", "disabled \(name)")
    }
}

/// `authctl admin users enable`
struct AdminUserEnable: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Re-enable an account.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var common: CommonOptions

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.setUserDisabled(false, email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("enabled", "enabled \(name)")
    }
}

/// `authctl admin users unlock`
struct AdminUserUnlock: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Reset an account's counts of wrong passwords and codes.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var common: CommonOptions

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.unlockUser(email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("unlocked", "unlocked \(name)")
    }
}

/// `authctl admin users delete`
struct AdminUserDelete: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an account and its sessions. Nothing is kept.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func ask(about name: String) throws(Failure) {
        try confirmation.ask("Permanently delete \(name)?")
    }

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.removeUser(email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("deleted", "deleted \(name)")
    }
}

/// `authctl admin mfa-reset`
struct AdminMFAReset: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "mfa-reset", abstract: "Turn a user's MFA off; their sessions end.",
        discussion: """
            For users who have lost both authenticator and recovery codes. Verify the requester's \
            identity first.
            """
    )

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func ask(about name: String) throws(Failure) {
        try confirmation.ask("Turn off MFA for \(name)?")
    }

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.resetMFA(email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("mfa_reset", "MFA for \(name) is off")
    }
}

/// `authctl admin revoke-sessions`
struct AdminRevokeSessions: AccountChange {
    static let configuration = CommandConfiguration(
        commandName: "revoke-sessions", abstract: "End all sessions of a user.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func ask(about name: String) throws(Failure) {
        try confirmation.ask("End all sessions of \(name)?")
    }

    func change(_ email: String, _ context: Context) async throws(AuthClientError) {
        try await context.client.revokeUserSessions(email: email, options: context.options)
    }

    func report(of name: String) -> (key: String, line: String) {
        ("revoked", "all sessions of \(name) have ended")
    }
}
