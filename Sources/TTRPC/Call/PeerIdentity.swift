/// Who is at the other end of a connection, as the kernel or a certificate says. A TLS certificate's
/// name will be a case of its own.
package enum PeerIdentity: Equatable, Sendable, CustomStringConvertible {
    /// A process on this machine, as SO_PEERCRED had it when it connected.
    case unix(uid: UInt32, gid: UInt32, pid: Int32)
    /// An address, without proof of who is there.
    case tcp(address: String)
    /// This very process: tests, and calls of the daemon to itself.
    case inProcess

    package var description: String {
        switch self {
        case .unix(let uid, let gid, let pid): "unix(uid \(uid), gid \(gid), pid \(pid))"
        case .tcp(let address): "tcp(\(address))"
        case .inProcess: "in-process"
        }
    }
}
