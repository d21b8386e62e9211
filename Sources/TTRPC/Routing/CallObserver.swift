/// Is told of every call that reached a known method, to log or to count it.
///
/// Runs on the connection's loop and must not block.
package protocol CallObserver: Sendable {
    /// A call was answered (`outcome` nil), failed, was refused by an interceptor, passed its
    /// deadline, or lost its connection (CANCELLED). Comes once per call.
    ///
    /// - Parameters:
    ///   - context: the call.
    ///   - outcome: what it was refused with.
    ///   - duration: since it arrived; nil for what was answered at once, within its turn of the
    ///     event loop: reading the clock would take a tenth of the time that this takes.
    func finished(_ context: borrowing CallContext, outcome: RPCError?, duration: Duration?)
}
