import Storage
import Synchronization

/// The writes waiting for the writer, and their callers.
///
/// Pure bookkeeping under one lock: it neither writes nor schedules. Each waiter is resumed exactly
/// once: by `add`, by `cancel`, or by whoever took it.
final class CommitQueue: Sendable {
    /// A write and its caller.
    struct Waiter: Sendable {
        let id: UInt64
        let write: PendingWrite
        /// Not a `Promise`: its functions are generic and from another module, which costs each
        /// write a microsecond more (decision 0029).
        let continuation: CheckedContinuation<Outcome, Never>
    }

    typealias Outcome = Result<[ETag?], StoreError>

    private struct State {
        var waiters: [Waiter] = []
        var bytes = 0
        var idNext: UInt64 = 0
        /// Whether the writer is at work, and will look for waiters before it stops.
        var isDraining = false
        /// Whether the last `take` had waiters.
        var isTaken = false
        var isClosed = false
    }

    private let countMax: Int
    private let bytesMax: Int
    private let name: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: the file, for error texts.
    ///   - countMax: writes that may wait.
    ///   - bytesMax: bytes of all waiting writes; a single larger one is accepted when nothing else
    ///     is waiting.
    init(name: String, countMax: Int, bytesMax: Int) {
        self.name = name
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    /// How many are waiting.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Whether the writer took some and has not asked for more yet.
    var isTaken: Bool { state.withLock { $0.isTaken } }

    /// Names a future call of `add`, so that it can be cancelled.
    func reserve() -> UInt64 {
        state.withLock { state in
            state.idNext += 1
            return state.idNext
        }
    }

    /// Adds a waiter, or resumes it at once with the reason why not. To be called in its task.
    ///
    /// - Returns: whether the writer has to be woken.
    func add(_ waiter: Waiter) -> Bool {
        let (refusal, wakes): (StoreError?, Bool) = state.withLock { state in
            let bytes = state.bytes + waiter.write.bytes
            if state.isClosed { return (.unavailable("\(name): the store is closed"), false) }
            // A task is marked as cancelled before `cancel` is called: one that is too early for
            // `cancel` to find is found here.
            if Task.isCancelled { return (.cancelled, false) }
            if state.waiters.count >= countMax || (bytes > bytesMax && !state.waiters.isEmpty) {
                return (.unavailable("\(name): the write queue is full"), false)
            }
            defer { state.isDraining = true }
            state.bytes = bytes
            state.waiters.append(waiter)
            return (nil, !state.isDraining)
        }
        if let refusal { waiter.continuation.resume(returning: .failure(refusal)) }
        return wakes
    }

    /// Removes a waiter, if the writer has not taken it yet, and tells it so.
    func cancel(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                return nil
            }
            state.bytes -= state.waiters[index].write.bytes
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: .failure(.cancelled))
    }

    /// The oldest waiters, at most `limit`; when there are none, the writer stops and is to be
    /// woken by the next `add`.
    func take(atMost limit: Int) -> [Waiter] {
        state.withLock { state in
            var taken: [Waiter] = []
            swap(&taken, &state.waiters)
            if taken.count > limit {
                state.waiters = Array(taken[limit...])
                taken.removeSubrange(limit...)
            }
            state.bytes = state.waiters.reduce(0) { $0 + $1.write.bytes }
            state.isTaken = !taken.isEmpty
            if taken.isEmpty { state.isDraining = false }
            return taken
        }
    }

    /// Refuses all new ones from now on. Those that are waiting are still written.
    func close() {
        state.withLock { $0.isClosed = true }
    }
}
