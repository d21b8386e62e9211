/// A summary of measured times, in microseconds.
struct LatencySummary: Equatable {
    let count: Int
    let min: Double
    let median: Double
    let p99: Double
    let max: Double

    /// - Parameter times: microseconds, in any order; nil if there are none.
    init?(_ times: [Double]) {
        guard !times.isEmpty else { return nil }
        let sorted = times.sorted()
        count = sorted.count
        min = sorted[0]
        median = sorted[count / 2]
        p99 = sorted[Swift.min(count - 1, count * 99 / 100)]
        max = sorted[count - 1]
    }
}
