import Dispatch

/// For the rare call of a library that blocks and has no other form, such as the resolver's.
package enum BlockingCall {
    /// Runs `work` on a thread of Dispatch's. It is not bounded: the caller sees to it that few run
    /// at once.
    ///
    /// - Parameter work: may block.
    /// - Returns: what `work` returned.
    package static func run<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async -> Value {
        let promise = Promise<Value>()
        DispatchQueue.global().async { promise.fulfil(work()) }
        return await promise.value()
    }
}
