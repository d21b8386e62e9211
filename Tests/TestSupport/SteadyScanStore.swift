package import Storage
import Synchronization

/// A store that counts the scans that go on otherwise than they began: with another filter or limit
/// than the page had that named the place. Azure does not promise to take them.
package final class SteadyScanStore: ForwardingStore {
    private struct State {
        /// How the page was asked for that named the place.
        var pages: [String: (filter: EntityFilter, limit: Int)] = [:]
        var continued = 0
        var changed = 0
    }

    package let store: any EntityStore
    private let state = Mutex(State())

    package init(_ store: any EntityStore) {
        self.store = store
    }

    /// Scans that went on from a place.
    package var continuedCount: Int { state.withLock { $0.continued } }
    /// Those of them that had changed.
    package var changedCount: Int { state.withLock { $0.changed } }

    package func scan(
        _ filter: EntityFilter, after continuation: EntityContinuation?, limit: Int
    ) async throws(StoreError) -> EntityPage {
        if let continuation {
            state.withLock { state in
                state.continued += 1
                guard let page = state.pages[continuation.text], page.filter == filter,
                    page.limit == limit
                else { return state.changed += 1 }
            }
        }
        let page = try await store.scan(filter, after: continuation, limit: limit)
        if let next = page.next {
            state.withLock { $0.pages[next.text] = (filter, limit) }
        }
        return page
    }
}
