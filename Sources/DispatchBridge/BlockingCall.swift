import Dispatch

/// For the rare library call that blocks and has no other form, such as the resolver's.
package enum BlockingCall {
    /// Runs `work` on a Dispatch thread. There is no limit: the caller ensures that few run
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
