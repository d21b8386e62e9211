import AuthCore
import AuthMessages
import Glibc
package import TTRPC

/// Reserves the calls that export or copy the store itself for those who could read it without the
/// daemon: root and the daemon's own user, on a Unix socket. An administrator by policy, or by a
/// certificate from another machine, is not one of them.
package final class StoreOwnerGate: ServerInterceptor {
    private static let methods: Set = [ExportUsersHandler.method, BackUpStoreHandler.method]

    private let refusals: RefusalLog

    /// - Parameter refusals: is told about every refusal.
    package init(refusals: RefusalLog) {
        self.refusals = refusals
    }

    /// They never change.
    package var rules: UInt64? { 0 }

    package func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
        guard context.service == ServiceNames.admin,
            StoreOwnerGate.methods.contains(context.method)
        else { return .always }
        let peer = context.peer
        if case .unix(let uid, _, _) = peer, uid == 0 || uid == geteuid() { return .always }
        refusals.record(
            AuditEvent(
                service: context.service, method: "Admin" + context.method,
                refusal: .adminRequired,
                subject: AuditSubject(), peer: peer, clientAddress: nil,
                traceParent: TraceParent.valid(context.metadata.value("traceparent"))))
        throw RPCError(
            .permissionDenied, .adminRequired,
            "\(context.method) is only for root and the daemon's own user on a Unix socket")
    }
}
