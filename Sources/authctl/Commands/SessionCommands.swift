import ArgumentParser
import AuthClient
import Foundation

/// `authctl logout`
struct Logout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End this session, or all of yours.")

    @Flag(help: "End all of your sessions.")
    var all = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let tokens = try context.stored()
            do throws(Failure) {
                try await context.call { () async throws(AuthClientError) in
                    try await context.client.logout(
                        refreshToken: tokens.refresh, allSessions: all, options: context.options)
                }
            } catch {
                // A session that has already ended is what was wanted, unless others remain.
                let isOver = ["TOKEN_REVOKED", "TOKEN_EXPIRED"].contains(error.reason)
                guard isOver, !all else { throw error }
            }
            try context.file.remove()
            context.show(
                ["logged_out": tokens.email],
                all ? "logged out everywhere" : "logged out \(Format.safe(tokens.email))")
        }
    }
}

/// `authctl sessions`
struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List your sessions, or end one.",
        subcommands: [List.self, Revoke.self], defaultSubcommand: List.self)

    /// `authctl sessions list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List your live sessions.")

        @OptionGroup var common: CommonOptions

        private struct Output: Encodable {
            struct Row: Encodable {
                let sessionId: String
                let clientName: String
                let clientAddress: String
                let createdAt: Date
                let lastUsedAt: Date
                let expiresAt: Date
                let current: Bool
                let authenticationMethods: [String]

                init(_ session: SessionInfo) {
                    sessionId = session.sessionID
                    clientName = session.clientName
                    clientAddress = session.clientAddress
                    createdAt = session.createdAt
                    lastUsedAt = session.lastUsedAt
                    expiresAt = session.expiresAt
                    current = session.isCurrent
                    authenticationMethods = session.authenticationMethods
                }
            }

            let sessions: [Row]
        }

        func run() async throws {
            try await common.run { context throws(Failure) in
                let session = try await context.session()
                let sessions = try await context.call { () async throws(AuthClientError) in
                    try await context.client.sessions(
                        accessToken: session.access, options: context.options)
                }
                let header = ["", "SESSION", "NAME", "ADDRESS", "LAST USED", "EXPIRES"]
                let rows = sessions.map { session in
                    [
                        session.isCurrent ? "*" : "", session.sessionID, session.clientName,
                        session.clientAddress,
                        Format.relative(session.lastUsedAt.timeIntervalSinceNow),
                        Format.relative(session.expiresAt.timeIntervalSinceNow),
                    ]
                }
                context.show(
                    Output(sessions: sessions.map { Output.Row($0) }),
                    Format.table([header] + rows))
            }
        }
    }

    /// `authctl sessions revoke`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End one of your sessions.")

        @Argument(help: "The session ID, as in the list.")
        var session: String

        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.run { context throws(Failure) in
                let tokens = try await context.session()
                try await context.call { () async throws(AuthClientError) in
                    try await context.client.revokeSession(
                        session, accessToken: tokens.access, options: context.options)
                }
                context.show(["revoked": session], "ended session \(Format.safe(session))")
            }
        }
    }
}
