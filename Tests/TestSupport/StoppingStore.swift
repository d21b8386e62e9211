package import Storage
import Synchronization

/// A store in front of another one that stops working after some calls, as if the process had died
/// there: what a crash between two calls leaves behind.
package final class StoppingStore: ForwardingStore {
    package let store: any EntityStore
    private let callsLeft: Mutex<Int>

    /// - Parameters:
    ///   - store: what is left in it is what the crash leaves.
    ///   - callCount: so many calls are made, and then none.
    package init(_ store: any EntityStore, after callCount: Int) {
        self.store = store
        callsLeft = Mutex(callCount)
    }

    /// Whether a call was refused.
    package var hasStopped: Bool { callsLeft.withLock { $0 < 0 } }

    package func before(_ call: StoreCall) throws(StoreError) {
        let isAllowed = callsLeft.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isAllowed else { throw .unavailable("stopped by the test") }
    }
}
