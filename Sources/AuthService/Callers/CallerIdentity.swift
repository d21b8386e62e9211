import TTRPC

/// Whose calls are counted together.
enum CallerIdentity: Hashable, Sendable {
    case user(UInt32)
    /// A certificate by its fingerprint.
    case certificate(String)
    /// Callers without their own identity, or for whom there was no room.
    case shared

    init(_ peer: PeerIdentity) {
        switch peer {
        case .unix(let uid, _, _): self = .user(uid)
        case .tls(_, let certificate?): self = .certificate(certificate.fingerprint)
        case .tls(_, nil), .tcp, .inProcess: self = .shared
        }
    }
}
