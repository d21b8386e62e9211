/// Sees every call that reaches a known method: to log, to count, to refuse.
///
/// Two functions instead of one that wraps the handler, so that a call answered in place costs no
/// task. Both run on the connection's loop and must not block.
///
///     struct OnlyRoot: ServerInterceptor {
///         func admit(_ context: borrowing CallContext) throws(RPCError) {
///             guard case .unix(uid: 0, _, _) = context.peer else {
///                 throw RPCError(.permissionDenied, "for root only")
///             }
///         }
///         func finished(
///             _ context: borrowing CallContext, outcome: RPCError?, duration: Duration
///         ) {}
///     }
package protocol ServerInterceptor: Sendable {
    /// Lets a call pass, before its handler.
    ///
    /// - Throws: the answer to a call that may not pass; later interceptors are not asked.
    func admit(_ context: borrowing CallContext) throws(RPCError)

    /// A call was answered (`outcome` nil), failed, was refused by an interceptor, passed its
    /// deadline, or lost its connection (CANCELLED). Comes once per call.
    func finished(_ context: borrowing CallContext, outcome: RPCError?, duration: Duration)
}
