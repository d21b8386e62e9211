package import AuthCore
package import AuthMessages
package import TTRPC

/// One decision, for the audit log. Holds no secret, no token and no email.
package struct AuditEvent: Sendable {
    /// The RPC, such as `Login`.
    package let method: String
    /// Nil when it was granted, else why not.
    package let refusal: ErrorReason?
    /// The account and the session, as far as they were found.
    package let subject: AuditSubject
    /// Who called.
    package let peer: PeerIdentity
    /// The end user's address, where the caller may state it.
    package let clientAddress: String?
    /// W3C Trace Context of the call, if it is well-formed.
    package let traceParent: String?
}

/// Where audit events and faults go.
package protocol AuditSink: Sendable {
    /// Takes one event; must not block.
    func record(_ event: AuditEvent)

    /// Takes the cause of an answer STORE_UNAVAILABLE or INTERNAL, which callers are not told.
    func fault(method: String, _ cause: String)
}
