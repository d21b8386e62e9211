package import AuthCore
package import AuthMessages
package import TTRPC

/// One decision, for the audit log. Holds no secret, no token and no email.
package struct AuditEvent: Sendable {
    /// The full name of the service.
    package let service: String
    /// The RPC, such as `Login`.
    package let method: String
    /// Nil when it was granted, else why not.
    package let refusal: ErrorReason?
    /// The account and the session, as far as they were found.
    package let subject: AuditSubject
    /// Who called.
    package let peer: PeerIdentity
    /// The end user's address, if the caller may state it.
    package let clientAddress: String?
    /// W3C Trace Context of the call, if it is well-formed.
    package let traceParent: String?
    /// How many refusals of the caller this one event stands for; nil for an event of its own.
    package var leftOut: Int?
}

/// Where audit events and faults go.
package protocol AuditSink: AnyObject, Sendable {
    /// Takes one event; must not block.
    func record(_ event: AuditEvent)

    /// Takes one event whose call is about to be answered, and waits for it to be written if the
    /// operator wants that.
    ///
    /// - Returns: false when the call must be answered AUDIT_UNAVAILABLE instead.
    func recordBeforeAnswer(_ event: AuditEvent) async -> Bool

    /// Whether calls are to be refused because their events could not be written.
    var refusesCalls: Bool { get }

    /// Takes the cause of a STORE_UNAVAILABLE or INTERNAL answer, which callers are not told.
    func fault(method: String, _ cause: String)
}

extension AuditSink {
    package func recordBeforeAnswer(_ event: AuditEvent) async -> Bool {
        record(event)
        return true
    }

    package var refusesCalls: Bool { false }
}
