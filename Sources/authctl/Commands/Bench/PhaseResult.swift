/// Calls that were made, while they are counted.
struct CallTally: Sendable {
    /// Of the calls that were answered, in microseconds.
    private(set) var times: [Double] = []
    /// The same calls, each counted by its part within the time.
    private(set) var answered = 0.0
    /// How often each reason occurred, with its first failure.
    private(set) var failures: [String: (count: Int, first: Failure)] = [:]

    /// Calls of both kinds.
    var count: Int { times.count + failed }
    /// Calls that were not answered as expected.
    var failed: Int { failures.values.reduce(0) { $0 + $1.count } }
    /// Whether nobody is there: more calls would be pointless.
    var isHopeless: Bool { failures.values.contains { $0.first.exitCode == .unreachable } }

    /// Counts one call, which took `time`, of which `share` (0 to 1) is within the phase.
    mutating func add(_ failure: Failure?, _ time: Duration, share: Double) {
        guard let failure else {
            times.append(time / .microseconds(1))
            answered += share
            return
        }
        failures[failure.reason, default: (0, failure)].count += 1
    }

    /// Adds what another one counted.
    mutating func add(_ other: CallTally) {
        times += other.times
        answered += other.answered
        failures.merge(other.failures) { ($0.count + $1.count, $0.first) }
    }
}

/// What one phase of a benchmark found.
struct PhaseResult: Sendable {
    /// One failure in this many calls is tolerated: it hardly affects the figure. With more, it
    /// would be the speed of refusing, or of waiting for permission.
    static let callsPerFailureMin = 100

    /// Of the calls that were answered.
    let latency: LatencySummary?
    /// Calls per second, if none had failed.
    private let rate: Double
    /// How often each reason occurred.
    let failures: [String: Int]
    /// One failure with the most frequent reason.
    let exemplar: Failure?
    /// How many cores the caller itself kept busy.
    let callerCores: Double

    init(_ tally: CallTally, seconds: Double, cpuSeconds: Double) {
        latency = LatencySummary(tally.times)
        rate = seconds > 0 ? tally.answered / seconds : 0
        failures = tally.failures.mapValues(\.count)
        exemplar = tally.failures.values.max { $0.count < $1.count }?.first
        callerCores = seconds > 0 ? cpuSeconds / seconds : 0
    }

    /// Calls that were answered.
    var answered: Int { latency?.count ?? 0 }
    /// Calls that failed.
    var failed: Int { failures.values.reduce(0, +) }

    /// Whether the figures may be shown: calls were answered, and hardly any failed.
    var isSound: Bool {
        answered > 0 && failed * PhaseResult.callsPerFailureMin <= answered + failed
    }

    /// Calls per second; nil if that would be misleading.
    var perSecond: Double? { isSound ? rate : nil }

    /// `THROTTLED 31, TIMEOUT 2`, the most frequent first.
    var failureText: String {
        failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
