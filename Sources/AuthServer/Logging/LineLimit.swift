/// How many log lines of one kind are written: the first ones at once, then none until the window
/// is over, and the next one says how many were left out.
struct LineLimit {
    private let linesMax: Int
    private let window: Duration
    private var windowStart: ContinuousClock.Instant?
    private var lineCount = 0
    private var leftOut = 0

    /// - Parameters:
    ///   - linesMax: in one window, at least 1.
    ///   - window: begins with the first line after the previous one.
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
