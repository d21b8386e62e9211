/// Is asked about every call that reaches a known method, before its handler, and may refuse it.
///
/// One function is asked before, and a `CallObserver` told afterwards, instead of one that wraps
/// the handler: so a call answered in place costs no task. Runs on the connection's loop and must
/// not block.
///
///     final class OnlyRoot: ServerInterceptor {
///         let rules: UInt64? = 0
///         func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
///             guard case .unix(uid: 0, _, _) = context.peer else {
///                 throw RPCError(.permissionDenied, "for root only")
///             }
///             return .always
///         }
///     }
package protocol ServerInterceptor: AnyObject, Sendable {
    /// Grows whenever `admit` may decide differently about what it always admitted before; nil
    /// while it must be asked about every call.
    var rules: UInt64? { get }

    /// Lets a call pass.
    ///
    /// - Returns: whether it has to be asked again.
    /// - Throws: the answer to a call that may not pass; later interceptors are not asked.
    func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission
}

/// What an interceptor says about a call that it lets pass.
package enum Admission: Sendable {
    /// This call may pass.
    case once
    /// So may any other call of this method on this connection, as long as `rules` is the same.
    case always
}
