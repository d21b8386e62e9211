import ArgumentParser
import AuthClient
import Foundation

/// `authctl health`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Check whether authd and its store answer.",
        discussion: "Exit code 3 if authd does not answer, 4 if its store does not.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            try await context.requireServing()
            context.show(["status": "SERVING"], "serving at \(context.socket)")
        }
    }
}

extension Context {
    /// Returns when the daemon and its store answer.
    ///
    /// - Throws: `Failure`, such as NOT_SERVING.
    func requireServing() async throws(Failure) {
        let health = try await call { () async throws(AuthClientError) in
            try await client.health(options: options)
        }
        guard health == .serving else {
            throw Failure(
                .failed, "NOT_SERVING", "authd at \(socket) is \(health.rawValue)",
                hint: "its log says why")
        }
    }
}

/// `authctl ping`
struct Ping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure round trips to authd, one after the other.")

    @Option(name: .shortAndLong, help: "How many, 1 to 100000.")
    var count = 10

    @OptionGroup var common: CommonOptions

    private struct Output: Encodable {
        let count: Int
        let minMicroseconds: Double
        let medianMicroseconds: Double
        let p99Microseconds: Double
        let maxMicroseconds: Double
    }

    func validate() throws {
        guard (1...100_000).contains(count) else {
            throw ValidationError("--count must be 1 to 100000.")
        }
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            var times: [Double] = []
            for number in 0...count {
                let start = ContinuousClock.now
                _ = try await context.call { () async throws(AuthClientError) in
                    try await context.client.health(options: context.options)
                }
                let time = start.duration(to: .now)
                // The first one also connects and is not counted.
                if number > 0 { times.append(time / .microseconds(1)) }
            }
            guard let summary = LatencySummary(times) else { return }
            let output = Output(
                count: count, minMicroseconds: summary.min,
                medianMicroseconds: summary.median, p99Microseconds: summary.p99,
                maxMicroseconds: summary.max)
            context.show(
                output,
                String(
                    format: "%d round trips: min %.0f, median %.0f, p99 %.0f, max %.0f µs", count,
                    output.minMicroseconds, output.medianMicroseconds, output.p99Microseconds,
                    output.maxMicroseconds))
        }
    }
}
