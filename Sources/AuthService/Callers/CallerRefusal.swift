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
    /// The call was carried out or refused, but its line is not in the audit log.
    case auditLineFailed

    /// What the audit log is told.
    var reason: ErrorReason {
        switch self {
        case .notListed, .methodNotAllowed: .callerNotAllowed
        case .notAdministrator, .onlyAtAdminSocket: .adminRequired
        case .tooManyCalls: .throttled
        case .auditFailed, .auditLineFailed: .auditUnavailable
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
                "\(method) is only for administrators, and the caller \(peer) is not one; "
                    + CallerRefusal.administratorAdvice(for: peer))
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
        case .auditLineFailed:
            RPCError(
                .unavailable, reason,
                "the call may have been carried out, but that could not be written to the audit log;"
                    + " look before you repeat it")
        }
    }

    private static func administratorAdvice(for peer: PeerIdentity) -> String {
        switch peer {
        case .unix, .inProcess:
            "the operator of authd can name it in AUTHD_ADMIN_UIDS or AUTHD_CALLERS_FILE"
        case .tls:
            "the operator of authd can name its certificate in AUTHD_ADMIN_CERTIFICATES or"
                + " AUTHD_CALLERS_FILE"
        case .tcp:
            "plain TCP can't tell callers apart: call over the Unix socket, or over TLS with a"
                + " certificate"
        }
    }
}
