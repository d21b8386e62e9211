extension Duration {
    /// Rounded up, so that a wait never becomes zero; at least 1.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(1, Int(seconds) * 1_000 + Int(fraction))
    }
}
