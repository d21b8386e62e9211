import Synchronization

/// A histogram of durations, counted by any thread.
final class DurationHistogram: Sendable {
    /// The upper bounds in microseconds: from an answer of the store's cache to a caller's
    /// patience, each about twice the previous one.
    static let boundsMicroseconds: [Int64] = [
        250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 5_000_000, 10_000_000,
    ]

    /// A snapshot; a duration that is being counted may be in one part and not yet in another.
    struct Snapshot: Equatable {
        /// For each bound how many were of that length or less.
        var cumulativeCounts: [UInt64]
        var count: UInt64
        var sumNanoseconds: UInt64
    }

    private final class Counter: Sendable {
        let value = Atomic<UInt64>(0)
    }

    /// One for each bound, and one for all that are longer.
    private let counters = (0...DurationHistogram.boundsMicroseconds.count).map { _ in Counter() }
    private let sumNanoseconds = Atomic<UInt64>(0)

    /// Counts one.
    func count(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let index =
            DurationHistogram.boundsMicroseconds.firstIndex { nanoseconds <= $0 * 1000 }
            ?? DurationHistogram.boundsMicroseconds.count
        counters[index].value.add(1, ordering: .relaxed)
        sumNanoseconds.add(UInt64(nanoseconds), ordering: .relaxed)
    }

    var snapshot: Snapshot {
        var sum: UInt64 = 0
        let counts = counters.map { counter in
            sum += counter.value.load(ordering: .relaxed)
            return sum
        }
        return Snapshot(
            cumulativeCounts: counts.dropLast(), count: sum,
            sumNanoseconds: sumNanoseconds.load(ordering: .relaxed))
    }
}
