import ArgumentParser
import AuthClient
import Foundation

/// `authctl admin stats`
struct AdminStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Print statistics of the daemon and its store.")

    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let version: String
        let startedAt: Date
        let store: String
        let connections: Int
        let requestsTotal: Int
        let hashQueueDepth: Int
        let hashThreads: Int
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            let stats = try await context.call { () async throws(AuthClientError) in
                try await context.client.stats(options: context.options)
            }
            context.show(
                Output(
                    version: stats.version, startedAt: stats.startedAt, store: stats.store,
                    connections: stats.connections, requestsTotal: stats.requests,
                    hashQueueDepth: stats.hashQueueDepth, hashThreads: stats.hashThreads),
                Format.fields([
                    ("version", stats.version), ("started", Format.time(stats.startedAt)),
                    ("store", stats.store), ("connections", "\(stats.connections)"),
                    ("requests", "\(stats.requests)"),
                    ("hashes waiting", "\(stats.hashQueueDepth)"),
                    ("hashes at once", "\(stats.hashThreads)"),
                ]))
        }
    }
}

/// `authctl admin metrics`
struct AdminMetrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Print the daemon's metrics in Prometheus text format.",
        discussion: """
            For the textfile collector of the Prometheus node exporter, or any other program that \
            reads this format. Counters start at zero when the daemon starts.
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let text = try await context.call { () async throws(AuthClientError) in
                try await context.client.metrics(options: context.options)
            }
            context.show(["text": text], String(text.dropLast()))
        }
    }
}

/// `authctl admin backup`
struct AdminBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the SQLite store while the daemon keeps running.",
        discussion: """
            The daemon writes the copy, with mode 0600, to the directory 'backups' in its state \
            directory, and checks it. Nothing is overwritten. Only for root and the daemon's user.
            """)

    /// A copy reads and writes the whole file: far longer than any other call.
    private static let secondsMin = 600.0

    @Argument(help: "Name of the new file. Default: authd-DATE.sqlite.")
    var name: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let now: String = Date().formatted(.iso8601)
            let file = name ?? "authd-\(now.filter { !"-:".contains($0) }).sqlite"
            var options = context.options
            options.timeout = max(options.timeout, .seconds(AdminBackup.secondsMin))
            let called = options
            let path = try await context.call { () async throws(AuthClientError) in
                try await context.client.backUpStore(name: file, options: called)
            }
            context.show(["path": path], "copied to \(Format.safe(path))")
        }
    }
}
