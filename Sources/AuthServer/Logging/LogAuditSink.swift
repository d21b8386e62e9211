import AuthCore
import AuthMessages
package import AuthService
package import Logging

/// Writes audit events and faults to the daemon's log.
package struct LogAuditSink: AuditSink {
    private let audit: Logger
    private let faults: Logger

    /// - Parameter logger: where the lines go; events carry `audit=true`.
    package init(_ logger: Logger) {
        var audit = logger
        audit[metadataKey: "audit"] = "true"
        self.audit = audit
        faults = logger
    }

    package func record(_ event: AuditEvent) {
        var metadata: Logger.Metadata = [
            "outcome": "\(event.refusal?.rawValue ?? "OK")", "peer": "\(event.peer)",
        ]
        metadata["user_id"] = event.subject.userID.map { "\($0)" }
        metadata["session_id"] = event.subject.sessionID.map { "\($0)" }
        metadata["client_address"] = event.clientAddress.map { "\($0)" }
        metadata["traceparent"] = event.traceParent.map { "\($0)" }
        audit.log(
            level: event.refusal == .refreshReused ? .warning : .info, "\(event.method)",
            metadata: metadata)
    }

    package func fault(method: String, _ cause: String) {
        faults.error("\(method) failed", metadata: ["cause": "\(cause)"])
    }
}
