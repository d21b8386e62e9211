package import Bytes

/// One unary method of a service: its name and how it is answered.
package struct RPCMethod: Sendable {
    /// Answers at once, on the connection's loop: must neither block nor take long. The payload is
    /// valid for the call only.
    package typealias InPlace =
        @Sendable (borrowing CallContext, UnsafeRawBufferPointer) throws(RPCError) ->
        InPlaceOutcome
    /// Answers in a task that starts on the connection's loop. Cancelled when the deadline passes
    /// or the connection closes; what it returns after that is dropped.
    package typealias Suspending =
        @Sendable (CallContext, SecretBytes) async throws(RPCError) -> SecretBytes

    /// What becomes of a call that was tried in place.
    package enum InPlaceOutcome: Sendable {
        /// It is over.
        case answered(SecretBytes)
        /// It needs to suspend, and nothing was done yet: the method's `suspending` answers it.
        case suspends
        /// It needs to suspend, and this answers it, knowing what was found in place.
        case continues(Suspending)
    }

    package let name: String
    package let inPlace: InPlace?
    package let suspending: Suspending

    /// - Parameters:
    ///   - name: the short name, `Check`.
    ///   - inPlace: tried first, when given.
    ///   - suspending: for calls that `inPlace` does not answer.
    package init(
        _ name: String, inPlace: InPlace? = nil, suspending: @escaping Suspending
    ) {
        self.name = name
        self.inPlace = inPlace
        self.suspending = suspending
    }
}
