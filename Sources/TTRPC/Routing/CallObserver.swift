/// Is told of every call that reached a known method, to log or to count it, but for those that
/// were answered at once, within their turn of the event loop: a server counts these itself, because
/// telling takes a good part of the time that they do.
///
/// Runs on the connection's loop and must not block.
package protocol CallObserver: AnyObject, Sendable {
    /// A call was answered (`outcome` nil), failed, was refused by an interceptor, passed its
    /// deadline, or lost its connection (CANCELLED). Comes once per call.
    ///
    /// - Parameters:
    ///   - context: the call.
    ///   - outcome: what it was refused with.
    ///   - duration: since it arrived; nil for what was refused at once.
    func finished(_ context: borrowing CallContext, outcome: RPCError?, duration: Duration?)
}
