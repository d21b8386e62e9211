import Synchronization

/// A value that arrives later, once: the place where callbacks become `async`.
package final class Promise<Value: Sendable>: Sendable {
    /// Who waits for the value.
    private struct Waiting {
        var continuations: [CheckedContinuation<Value, Never>] = []
        /// Those who may give up before it comes.
        var followers: [ObjectIdentifier: @Sendable (Value) -> Void] = [:]
    }

    private enum State {
        case waiting(Waiting)
        case fulfilled(Value)
    }

    private let state = Mutex<State>(.waiting(Waiting()))

    /// A promise that is not fulfilled yet.
    package init() {}

    /// Sets the value and wakes all waiters. Only the first call counts; returns whether this was
    /// it.
    @discardableResult
    package func fulfil(_ value: Value) -> Bool {
        let waiting: Waiting? = state.withLock { state in
            guard case .waiting(let waiting) = state else { return nil }
            state = .fulfilled(value)
            return waiting
        }
        guard let waiting else { return false }
        for continuation in waiting.continuations {
            continuation.resume(returning: value)
        }
        for follower in waiting.followers.values {
            follower(value)
        }
        return true
    }

    /// The value, as soon as there is one. Ignores cancellation.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            let ready: Value? = state.withLock { state in
                switch state {
                case .fulfilled(let value): return value
                case .waiting(var waiting):
                    waiting.continuations.append(continuation)
                    state = .waiting(waiting)
                    return nil
                }
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// The value, as soon as there is one; `cancelled` runs when the waiting task is cancelled,
    /// at once if it already is, and must ensure that the promise is fulfilled.
    package func value(cancelled: @escaping @Sendable () -> Void) async -> Value {
        await withTaskCancellationHandler {
            await value()
        } onCancel: {
            cancelled()
        }
    }

    /// The value, as soon as there is one, but no later than `deadline`. Whoever else waits for it
    /// still gets it.
    ///
    /// - Parameter deadline: nil for none.
    /// - Returns: the value.
    /// - Throws: `.deadlineExceeded`; `.cancelled` when the waiting task is cancelled.
    package func value(
        until deadline: ContinuousClock.Instant?
    ) async throws(PromiseWaitError) -> Value {
        let mine = Promise<Result<Value, PromiseWaitError>>()
        let ready: Value? = state.withLock { state in
            switch state {
            case .fulfilled(let value): return value
            case .waiting(var waiting):
                waiting.followers[ObjectIdentifier(mine)] = { mine.fulfil(.success($0)) }
                state = .waiting(waiting)
                return nil
            }
        }
        if let ready { return ready }
        let alarm = deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline, clock: .continuous)
                mine.fulfil(.failure(.deadlineExceeded))
            }
        }
        defer {
            alarm?.cancel()
            unfollow(ObjectIdentifier(mine))
        }
        return try await mine.value { mine.fulfil(.failure(.cancelled)) }.get()
    }

    private func unfollow(_ follower: ObjectIdentifier) {
        state.withLock { state in
            guard case .waiting(var waiting) = state else { return }
            waiting.followers[follower] = nil
            state = .waiting(waiting)
        }
    }
}

/// Why a wait for a promise ended without its value.
package enum PromiseWaitError: Error, Equatable {
    case deadlineExceeded
    case cancelled
}
