/// Where a log is written, as AUTHD_AUDIT names it.
package enum AuditDestination: Sendable, Equatable, CustomStringConvertible {
    /// Between the lines of the daemon's own log.
    case standardError
    /// A file, a FIFO or a device at this absolute path.
    case file(String)
    /// The journal's socket.
    case journal(String)

    /// Where systemd-journald listens (`systemd-journald.socket(8)`).
    package static let journalSocket = "/run/systemd/journal/socket"

    package var description: String {
        switch self {
        case .standardError: "stderr"
        case .file(let path): "file:\(path)"
        case .journal(AuditDestination.journalSocket): "journald"
        case .journal(let path): "journald:\(path)"
        }
    }
}
