/// How many requests may be sent again: a tenth of those that are sent a first time, over the whole
/// process. When the service fails for everybody, retries would only keep it down.
struct RetryBudget: Sendable {
    /// What a quiet process may spend at once.
    static let tokensMax = 20.0
    /// What each first request adds.
    private static let share = 0.1

    private var tokens = tokensMax

    /// A request is sent for the first time.
    mutating func earn() {
        tokens = min(RetryBudget.tokensMax, tokens + RetryBudget.share)
    }

    /// - Returns: whether a request may be sent again.
    mutating func spend() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
