/// The progress of a copy.
package struct StoreCopyProgress: Sendable, Equatable {
    /// What is being done.
    package enum Phase: Sendable, Equatable {
        case counting, copying, verifying
    }

    package let phase: Phase
    /// Entities that are done in this phase.
    package let count: Int
    /// Total entities; nil while they are counted.
    package let total: Int?

    package init(phase: Phase, count: Int, total: Int?) {
        self.phase = phase
        self.count = count
        self.total = total
    }
}
