import Storage
import Synchronization
import TestSupport

/// A store whose reads of several partitions are of several moments, as the contract allows:
/// something happens behind the first key.
final class TornReadStore: ForwardingStore {
    let store: any EntityStore
    private let hook = Mutex<(@Sendable () async -> Void)?>(nil)

    init(_ store: any EntityStore) {
        self.store = store
    }

    /// Runs `body` in the next read of several keys, once.
    func betweenKeys(_ body: @escaping @Sendable () async -> Void) {
        hook.withLock { $0 = body }
    }

    func get(_ keys: [EntityKey]) async throws(StoreError) -> [Entity?] {
        var entities: [Entity?] = []
        for key in keys {
            entities.append(try await store.get(key))
            guard keys.count > 1 else { continue }
            let body = hook.withLock { hook in
                defer { hook = nil }
                return hook
            }
            await body?()
        }
        return entities
    }
}
