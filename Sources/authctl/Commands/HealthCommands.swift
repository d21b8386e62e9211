import ArgumentParser
import AuthClient
import Foundation

/// `authctl health`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Say whether authd and its store answer.",
        discussion: "Exit code 3 when authd does not answer, 4 when its store does not.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let health = try await context.call { () async throws(AuthClientError) in
                try await context.client.health(options: context.options)
            }
            guard health == .serving else {
                throw Failure(
                    .failed, "NOT_SERVING", "authd at \(context.socket) is \(health.rawValue)",
                    hint: "its log says why")
            }
            context.show(["status": "SERVING"], "serving at \(context.socket)")
        }
    }
}

/// `authctl ping`
struct Ping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure round trips to authd, one after the other.")

    @Option(name: .shortAndLong, help: "How many, 1 to 100,000.")
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
            throw ValidationError("--count is 1 to 100000.")
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
            times.sort()
            let output = Output(
                count: count, minMicroseconds: times[0],
                medianMicroseconds: times[times.count / 2],
                p99Microseconds: times[min(times.count - 1, times.count * 99 / 100)],
                maxMicroseconds: times[times.count - 1])
            context.show(
                output,
                String(
                    format: "%d round trips: min %.0f, median %.0f, p99 %.0f, max %.0f µs", count,
                    output.minMicroseconds, output.medianMicroseconds, output.p99Microseconds,
                    output.maxMicroseconds))
        }
    }
}
