import ArgumentParser
import AuthClient
import Foundation

/// `authctl register`
struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create an account.")

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
        abstract: "Start a session and save its tokens for the next commands.",
        discussion: """
            If MFA is on, an authenticator code or a recovery code is asked for after the \
            password. With --password-stdin, it is the second line.
            """)

    @Argument(help: "Email address.")
    var email: String

    @Option(help: "Label for the session, at most 100 bytes.")
    var name: String?

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            // Before the login, which would leave a session whose tokens nobody has.
            let file = try context.file
            let secret = try password.input.read("Password for \(Format.safe(email)): ")
            var options = context.options
            options.clientName = name ?? "authctl@\(ProcessInfo.processInfo.hostName)"
            let called = options
            let login = try await context.provingSecondFactor(password.input) {
                factor async throws(AuthClientError) in
                try await context.client.login(
                    email: email, password: secret, secondFactor: factor, options: called)
            }
            let tokens = StoredTokens(login.session, email: email, socket: context.socket)
            try await file.locked { () async throws(Failure) in try file.write(tokens) }
            context.show(
                SessionOutput(tokens, login), SessionOutput.text("logged in", tokens, login))
            if login.recoveryCodesLow && !context.json {
                StandardError.print(Login.warning(codesLeft: login.recoveryCodesLeft))
            }
        }
    }
}

extension Login {
    /// Asks the user to create new recovery codes in time.
    static func warning(codesLeft: Int) -> String {
        let left =
            switch codesLeft {
            case 0: "no recovery code is left"
            case 1: "1 recovery code is left"
            default: "\(codesLeft) recovery codes are left"
            }
        return "authctl: \(left)\n  make new ones with 'authctl mfa recovery-codes'"
    }
}

/// `authctl refresh`
struct Refresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Renew the saved tokens.")

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
    /// After a login; the others if MFA is on.
    let mfaUsed: Bool?
    let recoveryCodesLeft: Int?
    let recoveryCodesLow: Bool?

    init(_ tokens: StoredTokens, _ login: LoginResult? = nil) {
        email = tokens.email
        userId = tokens.userID
        sessionId = tokens.sessionID
        accessTokenExpiresAt = tokens.accessExpiresAt
        sessionExpiresAt = tokens.refreshExpiresAt
        mfaUsed = login?.mfaUsed
        let withMFA = login.flatMap { $0.mfaUsed ? $0 : nil }
        recoveryCodesLeft = withMFA?.recoveryCodesLeft
        recoveryCodesLow = withMFA?.recoveryCodesLow
    }

    /// The form for people.
    static func text(
        _ verb: String, _ tokens: StoredTokens, _ login: LoginResult? = nil
    ) -> String {
        var fields = [
            (verb, tokens.email), ("user id", tokens.userID), ("session", tokens.sessionID),
            ("access token expires", Format.time(tokens.accessExpiresAt)),
            ("session expires", Format.time(tokens.refreshExpiresAt)),
        ]
        if let login, login.mfaUsed {
            fields.append(("recovery codes left", "\(login.recoveryCodesLeft)"))
        }
        return Format.fields(fields)
    }
}

/// `authctl passwd`
struct Passwd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the password. All other sessions end.",
        discussion: """
            With --password-stdin, the first line is the current password, the second the new one, \
            and, if MFA is on, the third an authenticator code or a recovery code.
            """)

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let changed: String
        let mfaDisabled: Bool
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            let session = try await context.session()
            let current = try password.input.read("Current password: ")
            let new = try password.input.readNew("New password: ")
            let change = try await context.provingSecondFactor(password.input) {
                factor async throws(AuthClientError) in
                try await context.client.changePassword(
                    from: current, to: new, secondFactor: factor, accessToken: session.access,
                    options: context.options)
            }
            context.show(
                Output(changed: session.email, mfaDisabled: change.mfaDisabled),
                "password changed; all other sessions have ended")
            if change.mfaDisabled && !context.json {
                StandardError.print(
                    "authctl: MFA was turned off because its stored secret could not be decrypted\n"
                        + "  turn it on again with 'authctl mfa setup'")
            }
        }
    }
}

/// `authctl reset-password`
struct ResetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a new password with a one-time token from an administrator.",
        discussion: """
            All sessions end, and MFA is turned off: enroll again. With --password-stdin, the \
            first line is the token, the second the new password.
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
        abstract: "Delete your account and its sessions. Nothing is kept.",
        discussion: """
            With --password-stdin, the first line is the password, and, if MFA is on, the second \
            an authenticator code or a recovery code.
            """)

    @OptionGroup var password: PasswordOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let (session, secret) = try await context.sessionAndPassword(
                password.input, ", to delete the account")
            try await context.provingSecondFactor(password.input) {
                factor async throws(AuthClientError) in
                try await context.client.deleteUser(
                    password: secret, secondFactor: factor, accessToken: session.access,
                    options: context.options)
            }
            try context.file.remove()
            context.show(["deleted": session.email], "deleted \(Format.safe(session.email))")
        }
    }
}
