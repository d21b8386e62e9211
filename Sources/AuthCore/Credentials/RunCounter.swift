import Synchronization

/// Counts runs of a function that is slow on purpose: what the daemon spends its time on, and what
/// one login may cost.
package final class RunCounter: Sendable {
    private let runs = Atomic<Int>(0)

    package init() {}

    /// The runs since the start.
    package var total: Int { runs.load(ordering: .relaxed) }

    /// Adds `number` runs.
    func count(_ number: Int) {
        runs.add(number, ordering: .relaxed)
    }
}
