/// The kernel refused what an event loop needs: descriptors, or memory for watches.
package struct EventLoopError: Error, Equatable, CustomStringConvertible {
    /// The call that failed.
    package let call: String
    /// Its `errno`.
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call) failed with errno \(code)" }
}
