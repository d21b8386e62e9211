import Glibc
import TTRPC

/// Which peers are believed what.
enum PeerTrust {
    /// Whether the peer may state its user's address in `x-client-address`: root and the daemon's
    /// own user on a Unix socket.
    static func believesClientAddress(_ peer: PeerIdentity) -> Bool {
        guard case .unix(let uid, _, _) = peer else { return false }
        return uid == 0 || uid == geteuid()
    }
}
