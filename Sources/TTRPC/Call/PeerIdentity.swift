/// Who is at the other end of a connection, as the kernel or a certificate says.
package enum PeerIdentity: Equatable, Sendable, CustomStringConvertible {
    /// A process on this machine, as SO_PEERCRED reported when it connected.
    case unix(uid: UInt32, gid: UInt32, pid: Int32)
    /// An address, `HOST:PORT` or `[HOST]:PORT`, without proof of who is there.
    case tcp(address: String)
    /// An address as above, over TLS, and its verified certificate; nil when the daemon
    /// requests none.
    case tls(address: String, certificate: PeerCertificate?)
    /// This very process: tests, and calls of the daemon to itself.
    case inProcess

    package var description: String {
        switch self {
        case .unix(let uid, let gid, let pid): "unix(uid \(uid), gid \(gid), pid \(pid))"
        case .tcp(let address): "tcp(\(address))"
        case .tls(let address, nil): "tls(\(address), no certificate)"
        case .tls(let address, let certificate?):
            "tls(\(address), \(certificate.names.first ?? "no name"),"
                + " sha256 \(certificate.fingerprint))"
        case .inProcess: "in-process"
        }
    }
}
