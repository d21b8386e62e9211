import ArgumentParser
import AuthClient
import Foundation

/// `authctl admin users list`
struct AdminUserList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all accounts.",
        discussion: "With --json: one object per line for each account, as they arrive.")

    @Option(help: "Accounts to request at once, 1 to 1000.")
    var pageSize = 500

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...1000).contains(pageSize) else {
            throw ValidationError("--page-size must be 1 to 1000.")
        }
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            var next: Secret?
            var isFirst = true
            repeat {
                let place = next
                let page = try await context.call { () async throws(AuthClientError) in
                    try await context.client.users(
                        after: place, pageSize: pageSize, options: context.options)
                }
                next = page.next
                if context.json {
                    for user in page.users { print(Format.json(UserOutput(user))) }
                } else if !page.users.isEmpty || isFirst && next == nil {
                    let header = isFirst ? [UserOutput.header] : []
                    print(Format.table(header + page.users.map(UserOutput.row)))
                }
                isFirst = isFirst && page.users.isEmpty
                // A pipe gets the accounts as they arrive, page by page.
                fflush(nil)
            } while next != nil
        }
    }
}

/// `authctl admin users show`
struct AdminUserShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one account.")

    @Argument(help: "Email address of the account.")
    var email: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let user = try await context.call { () async throws(AuthClientError) in
                try await context.client.user(email: email, options: context.options)
            }
            context.show(UserOutput(user), UserOutput.text(user))
        }
    }
}

/// An account as it is shown.
struct UserOutput: Encodable {
    let userId: String
    let email: String
    let createdAt: Date
    let lastLoginAt: Date?
    let disabled: Bool
    let mfaEnabled: Bool
    let passwordFailures: Int
    let totpFailures: Int
    let recoveryCodeFailures: Int
    let lockedUntil: Date?
    let needsUnlock: Bool
    let passwordScheme: String
    let sessionCount: Int

    init(_ user: UserInfo) {
        userId = user.userID
        email = user.email
        createdAt = user.createdAt
        lastLoginAt = user.lastLoginAt
        disabled = user.isDisabled
        mfaEnabled = user.isMFAEnabled
        passwordFailures = user.passwordFailures
        totpFailures = user.totpFailures
        recoveryCodeFailures = user.recoveryCodeFailures
        lockedUntil = user.lockedUntil
        needsUnlock = user.needsUnlock
        passwordScheme = user.passwordScheme
        sessionCount = user.sessionCount
    }

    static let header = ["EMAIL", "USER ID", "STATE", "MFA", "SESSIONS", "PASSWORD", "LAST LOGIN"]

    /// A line of the table.
    static func row(_ user: UserInfo) -> [String] {
        [
            user.email, user.userID, state(user), user.isMFAEnabled ? "on" : "off",
            "\(user.sessionCount)", user.passwordScheme,
            user.lastLoginAt.map { Format.time($0) } ?? "never",
        ]
    }

    /// The form for people.
    static func text(_ user: UserInfo) -> String {
        let failures = [
            "\(user.passwordFailures) passwords", "\(user.totpFailures) codes",
            "\(user.recoveryCodeFailures) recovery codes",
        ]
        return Format.fields([
            ("email", user.email), ("user id", user.userID), ("state", state(user)),
            ("MFA", user.isMFAEnabled ? "on" : "off"), ("live sessions", "\(user.sessionCount)"),
            ("password", user.passwordScheme), ("wrong in a row", failures.joined(separator: ", ")),
            ("locked", lock(user)), ("created", Format.time(user.createdAt)),
            ("last login", user.lastLoginAt.map { Format.time($0) } ?? "never"),
        ])
    }

    private static func state(_ user: UserInfo) -> String {
        if user.isDisabled { return "disabled" }
        return user.needsUnlock || user.lockedUntil != nil ? "locked" : "active"
    }

    private static func lock(_ user: UserInfo) -> String {
        if user.needsUnlock { return "until 'authctl admin users unlock'" }
        return user.lockedUntil.map { "until " + Format.time($0) } ?? "no"
    }
}
