import TTRPC

extension PeerIdentity {
    /// Who calls, in words that stay the same after reconnecting: without process and port.
    var callerName: String {
        switch self {
        case .unix(let uid, _, _): "uid \(uid)"
        case .tcp, .tls(_, nil): "tcp"
        case .tls(_, let certificate?): "certificate \(certificate.names)"
        case .inProcess: "in-process"
        }
    }
}
