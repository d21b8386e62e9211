package import Storage
import Synchronization

/// A store in front of another one that can stop taking writes.
package final class FailingStore: ForwardingStore {
    package let store: any EntityStore
    private let isFailing = Mutex(false)

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Makes transactions fail from now on, or work again.
    package func failsWrites(_ fails: Bool) {
        isFailing.withLock { $0 = fails }
    }

    package func before(_ call: StoreCall) throws(StoreError) {
        guard call == .transact, isFailing.withLock({ $0 }) else { return }
        throw .unavailable("the disk is full")
    }
}
