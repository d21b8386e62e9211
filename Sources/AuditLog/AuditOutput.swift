/// What lines of a log are written to. Used only from the writer's queue; may block there.
protocol AuditOutput: AnyObject {
    /// The chain of what is already there, if it can be read back.
    var found: AuditFound { get }

    /// Opens it, or reopens it after its file was moved away.
    ///
    /// - Throws: when it can't be used now; then it stays as it was.
    func open() throws(AuditLogError)

    /// Writes lines, in order, each completely or not at all.
    ///
    /// - Returns: how many were written; if not all, with the reason.
    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?)
}

/// What a file had in it when it was opened.
struct AuditFound: Equatable {
    /// Its last complete line, if that is authentic.
    var end: AuditChain?
    /// Whether its last complete line has the form of a log's, but does not match the key.
    var isUnderAnotherKey = false
    /// Whether a crash has left the last line incomplete.
    var isTorn = false
}
