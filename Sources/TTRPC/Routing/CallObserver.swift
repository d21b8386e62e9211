/// Is told about every call that reached a known method, to log or to count it, except those that
/// were answered at once, within their turn of the event loop: a server counts these itself,
/// because telling would take a good part of the time that they take.
///
/// Runs on the connection's loop and must not block.
package protocol CallObserver: AnyObject, Sendable {
    /// A call was answered (`outcome` nil), failed, was refused by an interceptor, passed its
    /// deadline, or lost its connection (CANCELLED). Called once per call.
    ///
    /// - Parameters:
    ///   - context: the call.
    ///   - outcome: the error with which it was refused.
    ///   - duration: since it arrived; nil if it was refused at once.
    func finished(_ context: borrowing CallContext, outcome: RPCError?, duration: Duration?)
}
