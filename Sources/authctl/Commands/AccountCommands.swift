import ArgumentParser
import AuthClient
import Foundation

/// `authctl register`
struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an account.")

    @Argument(help: "Email address.")
    var email: String

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let userId: String
        let email: String
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            let secret = try password.input.readNew("Password for \(Format.safe(email)): ")
            let made = try await context.call { () async throws(AuthClientError) in
                try await context.client.register(
                    email: email, password: secret, options: context.options)
            }
            context.show(
                Output(userId: made.userID, email: made.email),
                Format.fields([("registered", made.email), ("user id", made.userID)]))
        }
    }
}

/// `authctl login`
struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a session and keep its tokens for the next commands.")

    @Argument(help: "Email address.")
    var email: String

    @Option(help: "Label for the session, at most 100 bytes.")
    var name: String?

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let secret = try password.input.read("Password for \(Format.safe(email)): ")
            var options = context.options
            options.clientName = name ?? "authctl@\(ProcessInfo.processInfo.hostName)"
            let called = options
            let session = try await context.call { () async throws(AuthClientError) in
                try await context.client.login(email: email, password: secret, options: called)
            }
            let tokens = StoredTokens(session, email: email, socket: context.socket)
            try await context.file.locked { () async throws(Failure) in
                try context.file.write(tokens)
            }
            context.show(SessionOutput(tokens), SessionOutput.text("logged in", tokens))
        }
    }
}

/// `authctl refresh`
struct Refresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Renew the tokens kept here.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let tokens = try await context.renewedSession()
            context.show(SessionOutput(tokens), SessionOutput.text("renewed", tokens))
        }
    }
}

/// A session as it is shown: without its tokens.
struct SessionOutput: Encodable {
    let email: String
    let userId: String
    let sessionId: String
    let accessTokenExpiresAt: Date
    let sessionExpiresAt: Date

    init(_ tokens: StoredTokens) {
        email = tokens.email
        userId = tokens.userID
        sessionId = tokens.sessionID
        accessTokenExpiresAt = tokens.accessExpiresAt
        sessionExpiresAt = tokens.refreshExpiresAt
    }

    /// The form for people.
    static func text(_ verb: String, _ tokens: StoredTokens) -> String {
        Format.fields([
            (verb, tokens.email), ("user id", tokens.userID), ("session", tokens.sessionID),
            ("access token expires", Format.time(tokens.accessExpiresAt)),
            ("session expires", Format.time(tokens.refreshExpiresAt)),
        ])
    }
}

/// `authctl passwd`
struct Passwd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the password. All other sessions end.",
        discussion:
            "With --password-stdin the first line is the present password, the second the new one."
    )

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let session = try await context.session()
            let current = try password.input.read("Present password: ")
            let new = try password.input.readNew("New password: ")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.changePassword(
                    from: current, to: new, accessToken: session.access, options: context.options)
            }
            context.show(
                ["changed": session.email], "password changed; all other sessions have ended")
        }
    }
}

/// `authctl reset-password`
struct ResetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a new password with a one-time token from an administrator.",
        discussion: """
            All sessions end, and MFA goes off: enroll again. With --password-stdin the first line is \
            the token, the second the new password.
            """)

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let userId: String
        let mfaDisabled: Bool
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            let token = try password.input.read("One-time token: ")
            let new = try password.input.readNew("New password: ")
            let reset = try await context.call { () async throws(AuthClientError) in
                try await context.client.resetPassword(
                    token: token, new: new, options: context.options)
            }
            context.show(
                Output(userId: reset.userID, mfaDisabled: reset.turnedMFAOff),
                reset.turnedMFAOff
                    ? "password set; all sessions have ended, and MFA is off: enroll again"
                    : "password set; all sessions have ended")
        }
    }
}

/// `authctl delete-user`
struct DeleteUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove your account and its sessions. Nothing of it stays.")

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let session = try await context.session()
            let secret = try password.input.read(
                "Password of \(Format.safe(session.email)), to delete the account: ")
            try await context.call { () async throws(AuthClientError) in
                try await context.client.deleteUser(
                    password: secret, accessToken: session.access, options: context.options)
            }
            context.file.remove()
            context.show(["deleted": session.email], "deleted \(Format.safe(session.email))")
        }
    }
}
