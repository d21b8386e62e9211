import AuthMessages
import TTRPC

/// Why a call is refused before anything is done for it. The texts say what to do.
enum CallerRefusal: Equatable {
    /// No rule matches the caller.
    case notListed
    /// The caller's rule does not name the RPC.
    case methodNotAllowed(rule: String, method: String)
    /// The RPC is for administrators.
    case notAdministrator(method: String)
    /// The RPC is served only at the administrators' socket.
    case onlyAtAdminSocket(method: String)
    /// More calls than the rule's rate.
    case tooManyCalls(rule: String, retryAfter: Duration)
    /// The audit log can't be written, and the operator allows no call without it.
    case auditFailed

    /// What the audit log is told.
    var reason: ErrorReason {
        switch self {
        case .notListed, .methodNotAllowed: .callerNotAllowed
        case .notAdministrator, .onlyAtAdminSocket: .adminRequired
        case .tooManyCalls: .throttled
        case .auditFailed: .auditUnavailable
        }
    }

    /// What the caller is told.
    func error(to peer: PeerIdentity) -> RPCError {
        switch self {
        case .notListed:
            RPCError(
                .permissionDenied, reason,
                "the caller \(peer) is not allowed here; the operator of authd can list it in"
                    + " AUTHD_CALLERS_FILE or AUTHD_ALLOW_UIDS")
        case .methodNotAllowed(let rule, let method):
            RPCError(
                .permissionDenied, reason,
                "the caller \(peer) may not call \(method); the operator of authd can add it to the"
                    + " methods of \(rule) in AUTHD_CALLERS_FILE")
        case .notAdministrator(let method):
            RPCError(
                .permissionDenied, reason,
                "\(method) is only for administrators, and the caller \(peer) is not one; the"
                    + " operator of authd can name it in AUTHD_ADMIN_UIDS or AUTHD_CALLERS_FILE")
        case .onlyAtAdminSocket(let method):
            RPCError(
                .permissionDenied, reason,
                "\(method) is served only at the administrators' socket (AUTHD_ADMIN_LISTEN)")
        case .tooManyCalls(let rule, let delay):
            RPCError(
                .resourceExhausted, reason,
                "the caller \(peer) exceeds the call rate of \(rule); wait, or ask the"
                    + " operator of authd for a higher one", retryAfter: delay)
        case .auditFailed:
            RPCError(
                .unavailable, reason,
                "the audit log can't be written, and nothing is done without it; try again later",
                retryAfter: .seconds(1))
        }
    }
}
