import Glibc

/// The process's standard error, which the daemon's own log shares.
final class AuditStandardErrorOutput: AuditOutput {
    private let descriptor: Int32
    /// Torn while a line lacks its end: a full disk has taken a part of it.
    private(set) var found = AuditFound()

    /// - Parameter descriptor: another one in tests.
    init(descriptor: Int32 = STDERR_FILENO) {
        self.descriptor = descriptor
    }

    func open() throws(AuditLogError) {}

    /// One write for each line, so that no line of the log gets between its parts.
    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        for (index, line) in lines.enumerated() {
            let text = found.isTorn ? [UInt8(ascii: "\n")] + line : line
            let (written, code) = AuditFileOutput.writeAll(text, to: descriptor)
            if let code {
                if written > 0 { found.isTorn = true }
                return (index, .system(call: "write", path: "standard error", code: code))
            }
            found.isTorn = false
        }
        return (lines.count, nil)
    }
}
