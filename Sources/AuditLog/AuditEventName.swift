/// The events that the log writes about itself.
package enum AuditEventName {
    /// The log was opened, at the start or when it was rotated.
    package static let opened = "AuditOpened"
    /// It was closed properly, to be rotated or because the daemon is stopping.
    package static let closed = "AuditClosed"
    /// Events were lost, because they came faster than they could be written.
    package static let lost = "AuditLost"
}
