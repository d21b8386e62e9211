/// How long to wait before the next attempt: doubling, bounded, with jitter.
struct Backoff {
    private let secondsMin: Double
    private let secondsMax: Double
    private var failureCount = 0

    init(secondsMin: Double, secondsMax: Double) {
        self.secondsMin = secondsMin
        self.secondsMax = secondsMax
    }

    mutating func succeeded() {
        failureCount = 0
    }

    /// The next delay; `fraction` is random, 0...1: the delay is reduced to 50 % plus half of it.
    mutating func failed(fraction: Double) -> Duration {
        // 2^16 times any reasonable delay exceeds its maximum.
        let doubled = secondsMin * Double(1 << min(failureCount, 16))
        failureCount += 1
        return .seconds(min(doubled, secondsMax) * (0.5 + fraction / 2))
    }
}
