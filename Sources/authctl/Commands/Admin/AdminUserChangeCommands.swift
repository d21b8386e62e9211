import ArgumentParser
import AuthClient

/// Which account a command is about.
struct AccountArgument: ParsableArguments {
    @Argument(help: "Email address of the account.")
    var email: String
}

/// `authctl admin users disable`
struct AdminUserDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Disable an account; its sessions end.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try confirmation.ask("Disable \(Format.safe(email)) and end its sessions?")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.setUserDisabled(
                    true, email: email, options: context.options)
            }
            context.show(["disabled": email], "disabled \(Format.safe(email))")
        }
    }
}

/// `authctl admin users enable`
struct AdminUserEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Enable an account again.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try await context.call { () async throws(AuthClientError) in
                try await context.client.setUserDisabled(
                    false, email: email, options: context.options)
            }
            context.show(["enabled": email], "enabled \(Format.safe(email))")
        }
    }
}

/// `authctl admin users unlock`
struct AdminUserUnlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Forget the wrong passwords and codes of an account.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try await context.call { () async throws(AuthClientError) in
                try await context.client.unlockUser(email: email, options: context.options)
            }
            context.show(["unlocked": email], "unlocked \(Format.safe(email))")
        }
    }
}

/// `authctl admin users delete`
struct AdminUserDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove an account and its sessions. Nothing of it stays.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try confirmation.ask("Delete \(Format.safe(email)) for ever?")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.removeUser(email: email, options: context.options)
            }
            context.show(["deleted": email], "deleted \(Format.safe(email))")
        }
    }
}

/// `authctl admin mfa-reset`
struct AdminMFAReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mfa-reset", abstract: "Turn a user's MFA off; his sessions end.",
        discussion: "For who lost authenticator and recovery codes. Be sure that it is he who asks."
    )

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try confirmation.ask("Turn MFA of \(Format.safe(email)) off?")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.resetMFA(email: email, options: context.options)
            }
            context.show(["mfa_reset": email], "MFA of \(Format.safe(email)) is off")
        }
    }
}

/// `authctl admin revoke-sessions`
struct AdminRevokeSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke-sessions", abstract: "End all sessions of a user.")

    @OptionGroup var account: AccountArgument
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let email = account.email
        try await common.run { context throws(Failure) in
            try confirmation.ask("End all sessions of \(Format.safe(email))?")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.revokeUserSessions(
                    email: email, options: context.options)
            }
            context.show(
                ["revoked": email], "all sessions of \(Format.safe(email)) have ended")
        }
    }
}
