import DispatchBridge
import Synchronization

/// Counts the writes in progress, so that closing can wait for them.
final class WritesUnderWay: Sendable {
    private struct State {
        var count = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let ended = Promise<Void>()

    /// - Returns: false when the store is closed.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.count += 1
            return true
        }
    }

    func end() {
        let isLast = state.withLock { state in
            state.count -= 1
            return state.isClosed && state.count == 0
        }
        if isLast { ended.fulfil(()) }
    }

    /// Lets no more begin, and waits for those in progress, at most as long as a write may take.
    func close() async {
        let isIdle = state.withLock { state in
            state.isClosed = true
            return state.count == 0
        }
        if isIdle { ended.fulfil(()) }
        await ended.value()
    }
}
