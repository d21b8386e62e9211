import TestSupport

extension SeededRandom {
    /// A password that any policy takes.
    mutating func password() -> String {
        "heath-\(String(next(), radix: 36))-\(String(next(), radix: 36))"
    }
}
