import AuthCore
import Synchronization
package import TTRPC

/// Asks the gate about every call of a router, and tells the audit log of each refusal.
package struct CallerDoor: ServerInterceptor {
    private let gate: CallerGate
    private let door: CallerGate.Door
    private let refusals: RefusalLog

    /// - Parameters:
    ///   - gate: decides.
    ///   - door: where the router's calls come in.
    ///   - refusals: is told of every refusal.
    package init(_ gate: CallerGate, at door: CallerGate.Door, refusals: RefusalLog) {
        self.gate = gate
        self.door = door
        self.refusals = refusals
    }

    package func admit(_ context: borrowing CallContext) throws(RPCError) {
        let peer = context.peer
        if refusals.audit.refusesCalls { throw CallerRefusal.auditFailed.error(to: peer) }
        guard
            let refusal = gate.refusal(
                of: context.method, service: context.service, peer: peer, door: door)
        else { return }
        let isAdministrators = context.service == ServiceNames.admin
        refusals.record(
            AuditEvent(
                service: context.service,
                method: (isAdministrators ? "Admin" : "") + context.method, refusal: refusal.reason,
                subject: AuditSubject(),
                peer: peer, clientAddress: nil,
                traceParent: TraceParent.valid(context.metadata.value("traceparent"))))
        throw refusal.error(to: peer)
    }

    package func finished(
        _ context: borrowing CallContext, outcome: RPCError?, duration: Duration
    ) {}
}
