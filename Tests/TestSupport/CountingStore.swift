package import Storage
import Synchronization

/// A store in front of another one that counts the calls: the round trips of an operation.
package final class CountingStore: ForwardingStore {
    package typealias Call = StoreCall

    package let store: any EntityStore
    private let calls = Mutex<[Call]>([])

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// How many calls were made since the last `calls`.
    package var callCount: Int { calls.withLock { $0.count } }

    /// Runs `body` and gives back the calls that were made meanwhile, in their order.
    package func calls(_ body: () async throws -> Void) async rethrows -> [Call] {
        calls.withLock { $0 = [] }
        try await body()
        return calls.withLock { $0 }
    }

    package func before(_ call: StoreCall) {
        calls.withLock { $0.append(call) }
    }
}
