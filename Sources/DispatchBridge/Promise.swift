import Synchronization

/// A value that arrives later, once: the place where callbacks become `async`.
///
/// All continuations of the package are resumed only in `fulfil(_:)`.
package final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, Never>])
        case fulfilled(Value)
    }

    private let state = Mutex<State>(.waiting([]))

    /// A promise that is not fulfilled yet.
    package init() {}

    /// Sets the value and wakes all waiters. Only the first call counts; returns whether this was
    /// it.
    @discardableResult
    package func fulfil(_ value: Value) -> Bool {
        let waiting: [CheckedContinuation<Value, Never>]? = state.withLock { state in
            guard case .waiting(let waiting) = state else { return nil }
            state = .fulfilled(value)
            return waiting
        }
        guard let waiting else { return false }
        for continuation in waiting {
            continuation.resume(returning: value)
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
                    waiting.append(continuation)
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
}
