import AuthCore
import Synchronization
package import TTRPC

/// Asks the gate about every call of a router, and reports each refusal to the audit log.
package final class CallerDoor: ServerInterceptor {
    private let gate: CallerGate
    private let door: CallerGate.Door
    private let refusals: RefusalLog

    /// - Parameters:
    ///   - gate: decides.
    ///   - door: where the router's calls come in.
    ///   - refusals: is told about every refusal.
    package init(_ gate: CallerGate, at door: CallerGate.Door, refusals: RefusalLog) {
        self.gate = gate
        self.door = door
        self.refusals = refusals
    }

    package var rules: UInt64? { refusals.audit.refusesCalls ? nil : gate.policyNumber }

    package func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
        if refusals.audit.refusesCalls {
            throw CallerRefusal.auditFailed.error(to: context.peer)
        }
        let peer = context.peer
        let verdict = gate.verdict(
            on: context.method, service: context.service, peer: peer, door: door)
        let refusal: CallerRefusal
        switch verdict {
        case .admitted(let admission): return admission
        case .refused(let why): refusal = why
        }
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
}
