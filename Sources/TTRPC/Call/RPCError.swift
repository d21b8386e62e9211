/// How a call fails: what a handler throws and a client gets. Contains no secrets or internals,
/// because all of it is sent.
package struct RPCError: Error, Equatable, CustomStringConvertible {
    /// Never `.ok`.
    package let status: RPCStatus

    /// - Parameters:
    ///   - code: anything but `.ok`, which is not an error.
    ///   - message: for developers.
    ///   - details: for programs.
    package init(_ code: RPCCode, _ message: String, details: [StatusDetail] = []) {
        self.init(status: RPCStatus(code: code, message: message, details: details))
    }

    package init(status: RPCStatus) {
        precondition(status.code != .ok, "OK is not an error")
        self.status = status
    }

    package var code: RPCCode { status.code }
    package var message: String { status.message }
    package var details: [StatusDetail] { status.details }
    package var description: String { "\(code.name): \(message)" }
}
