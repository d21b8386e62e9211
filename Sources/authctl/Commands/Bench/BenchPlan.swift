import ArgumentParser
import AuthServer

/// How much a benchmark does.
struct BenchPlan: ParsableArguments {
    /// Calls in flight on a busy connection: far fewer than a daemon processes at once
    /// (AUTHD_CONNECTION_REQUESTS_MAX), but enough that many answers are sent at a time.
    static let pipelined = 64
    /// The seconds of a phase that are allowed: a shorter one has too few logins, and in a longer
    /// one access tokens expire.
    static let secondsAllowed = 0.1...60
    static let callersAllowed = 1...1024
    static let connectionsAllowed = 1...64
    static let loginTimesAllowed = 0.001...10.0

    @Option(help: "Logins in flight, 1 to 1024.")
    var callers = BenchPlan.defaultCallers(cores: HostFacts.current.cores)

    @Option(help: "Connections, 1 to 64; VerifyToken has 64 calls in flight on each.")
    var connections = BenchPlan.defaultConnections(cores: HostFacts.current.cores)

    @Option(help: "Seconds for each phase, 0.1 to 60.")
    var seconds = 5.0

    @Option(help: "How long a lone login may take, such as 250ms or 1s; 1ms to 10s.")
    var loginTime = ShortTime(seconds: 0.25)

    func validate() throws {
        guard BenchPlan.callersAllowed.contains(callers) else {
            throw ValidationError("--callers must be 1 to 1024.")
        }
        guard BenchPlan.connectionsAllowed.contains(connections) else {
            throw ValidationError("--connections must be 1 to 64.")
        }
        guard BenchPlan.secondsAllowed.contains(seconds) else {
            throw ValidationError("--seconds must be 0.1 to 60.")
        }
        guard BenchPlan.loginTimesAllowed.contains(loginTime.seconds) else {
            throw ValidationError("--login-time must be 1ms to 10s.")
        }
    }

    /// Enough that every core has four hashes side by side and as many wait; a daemon's queue takes
    /// twice that.
    static func defaultCallers(cores: Int) -> Int {
        min(8 * cores, callersAllowed.upperBound)
    }

    /// As many as the daemon has event loops, or twice that.
    static func defaultConnections(cores: Int) -> Int { min(cores, 16) }

    /// The duration of a phase.
    var length: Duration { .seconds(seconds) }

    /// About how long the daemon is under load: four phases, what comes before each, and creating
    /// and removing the accounts.
    var loadSeconds: Int { Int((4 * seconds + 5).rounded(.up)) }
}
