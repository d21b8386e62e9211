/// What lines of a log are written to. Used from the writer's queue only; may block there.
protocol AuditOutput: AnyObject {
    /// The chain of what is there already, if it can be read back.
    var found: AuditFound { get }

    /// Opens it, or opens it anew after its file was moved away.
    ///
    /// - Throws: when it can't be used now; then it stays as it was.
    func open() throws(AuditLogError)

    /// Writes lines, in order, each whole or not at all.
    ///
    /// - Returns: how many were written; fewer than all with the reason.
    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?)
}

/// What a file had in it when it was opened.
struct AuditFound: Equatable {
    /// Its last whole line, if that is authentic.
    var end: AuditChain?
    /// Whether its last whole line is one of a log, and does not fit the key.
    var isUnderAnotherKey = false
    /// Whether a crash has left the last line without its end.
    var isTorn = false
}
