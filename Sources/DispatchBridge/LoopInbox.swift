import Synchronization

/// What other threads ask an event loop to do.
///
/// `@unchecked Sendable` for `Work`: an `UnownedJob` is only carried, and run once by the loop.
final class LoopInbox: Sendable {
    enum Work: @unchecked Sendable {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    enum Delivery {
        /// The loop has to be woken.
        case first
        /// The loop has already been woken and has not looked yet.
        case joined
        /// The loop is shut down and will not look.
        case closed
    }

    private struct State {
        var work: [Work] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func deliver(_ item: Work) -> Delivery {
        state.withLock { state in
            guard !state.isClosed else { return .closed }
            state.work.append(item)
            return state.work.count == 1 ? .first : .joined
        }
    }

    /// Moves everything into `work`, which must be empty; its storage is reused for the next
    /// deliveries.
    func take(into work: inout [Work]) {
        state.withLock { state in swap(&state.work, &work) }
    }

    /// Refuses further deliveries and returns what was not taken.
    func close() -> [Work] {
        state.withLock { state in
            state.isClosed = true
            defer { state.work = [] }
            return state.work
        }
    }
}
