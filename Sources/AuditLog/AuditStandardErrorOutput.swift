import Glibc

/// The process's standard error, which the daemon's own log shares.
final class AuditStandardErrorOutput: AuditOutput {
    let found = AuditFound()

    func open() throws(AuditLogError) {}

    /// One write for each line, so that no line of the log gets between its parts.
    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        for (index, line) in lines.enumerated() {
            if let code = AuditFileOutput.writeAll(line, to: STDERR_FILENO) {
                return (index, .system(call: "write", path: "standard error", code: code))
            }
        }
        return (lines.count, nil)
    }
}
