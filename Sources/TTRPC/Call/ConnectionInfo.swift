import Synchronization

/// What is the same for all calls of a connection.
package final class ConnectionInfo: Sendable {
    /// Counts up from 1 in each process.
    package let id: UInt64
    package let peer: PeerIdentity

    // Written only on the connection's loop, so that the two are consistent.
    private let admittedMethods = Atomic<UInt64>(0)
    private let admittingRules = Atomic<UInt64>(0)

    package init(id: UInt64, peer: PeerIdentity) {
        self.id = id
        self.peer = peer
    }

    /// Whether `admit(_:under:)` was called for the method with that index under these rules.
    func hasAdmitted(_ index: Int, under rules: UInt64) -> Bool {
        index < UInt64.bitWidth && admittingRules.load(ordering: .relaxed) == rules
            && admittedMethods.load(ordering: .relaxed) & 1 << UInt64(index) != 0
    }

    /// Records a method, and forgets what rules other than these have admitted.
    func admit(_ index: Int, under rules: UInt64) {
        guard index < UInt64.bitWidth else { return }
        let isOfTheseRules = admittingRules.load(ordering: .relaxed) == rules
        let others = isOfTheseRules ? admittedMethods.load(ordering: .relaxed) : 0
        admittedMethods.store(others | 1 << UInt64(index), ordering: .relaxed)
        admittingRules.store(rules, ordering: .relaxed)
    }
}
