/// How many lines of one kind may be logged: some in a window of time; the rest are counted.
struct LineAllowance: Sendable {
    private let linesMax: Int
    private let window: Duration
    private var windowStart: ContinuousClock.Instant?
    private var lineCount = 0
    private var leftOut = 0

    /// - Parameters:
    ///   - linesMax: lines in a window.
    ///   - window: begins with a line.
    init(linesMax: Int, window: Duration) {
        self.linesMax = linesMax
        self.window = window
    }

    /// How many lines were left out before this one; nil when this one is left out too.
    mutating func admit(_ now: ContinuousClock.Instant) -> Int? {
        if windowStart.map({ now - $0 >= window }) ?? true {
            windowStart = now
            lineCount = 0
        }
        guard lineCount < linesMax else {
            leftOut += 1
            return nil
        }
        lineCount += 1
        defer { leftOut = 0 }
        return leftOut
    }
}
