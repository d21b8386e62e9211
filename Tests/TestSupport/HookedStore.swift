package import Storage
import Synchronization

/// A store in front of another one that lets something happen between a caller's read and its
/// write.
package final class HookedStore: ForwardingStore {
    package let store: any EntityStore
    private let hook = Mutex<Hook?>(nil)

    private struct Hook: Sendable {
        var skipCount: Int
        let body: @Sendable () async -> Void
    }

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Runs `body` before the next transaction, once; `skipCount` others go before.
    package func beforeNextTransaction(
        skipping skipCount: Int = 0, _ body: @escaping @Sendable () async -> Void
    ) {
        hook.withLock { $0 = Hook(skipCount: skipCount, body: body) }
    }

    package func before(_ call: StoreCall) async {
        guard call == .transact else { return }
        let due = hook.withLock { hook -> Hook? in
            guard var next = hook else { return nil }
            guard next.skipCount > 0 else {
                hook = nil
                return next
            }
            next.skipCount -= 1
            hook = next
            return nil
        }
        await due?.body()
    }
}
