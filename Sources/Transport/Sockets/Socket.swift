import CEpoll
import Glibc
package import TTRPC

/// One stream socket, non-blocking, closed when the last reference goes. Whoever watches it must
/// hold a reference until watching has ended.
package final class Socket: Sendable {
    let descriptor: Int32

    /// Takes over `descriptor`, which is already non-blocking and close-on-exec.
    package init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// A new, unconnected socket for `address`.
    ///
    /// - Throws: `TransportError.system`.
    convenience init(for address: SocketAddress) throws(TransportError) {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else {
            throw .system(call: "socket", subject: address.description, code: errno)
        }
        self.init(owning: descriptor)
    }

    /// How a non-blocking connect started.
    enum ConnectResult: Equatable {
        case connected
        case inProgress
        case failed(Int32)
    }

    func connect(to address: SocketAddress) -> ConnectResult {
        let result = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
        if result == 0 { return .connected }
        return errno == EINPROGRESS ? .inProgress : .failed(errno)
    }

    /// The outcome of a connect that was in progress: 0 or an `errno`.
    func pendingError() -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return result == 0 ? code : errno
    }

    /// Sends small frames at once; answers are already collected by the connection.
    func disableNagle() {
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The result of one read or write.
    enum IOResult: Equatable {
        case count(Int)
        /// Not now.
        case wouldBlock
        /// The peer has closed, or the connection failed.
        case closed
    }

    @inline(__always)
    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = cepoll_receive(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return .count(count) }
            if count == 0 { return .closed }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .closed
        }
    }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = cepoll_send(descriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return .count(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .closed
        }
    }

    /// What was written and the peer has not taken yet, as the kernel counts it; goes down as it
    /// takes some.
    var untakenCount: Int { Int(cepoll_untaken(descriptor)) }

    /// Who is at the other end, according to the kernel; nil if it does not say.
    package func peerIdentity() -> PeerIdentity? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &size)
            }
        }
        guard result == 0 else { return nil }
        guard Int32(storage.ss_family) == AF_UNIX else { return Socket.tcpIdentity(&storage) }
        var peer = cepoll_credentials()
        guard cepoll_peer_credentials(descriptor, &peer) == 0 else { return nil }
        return .unix(uid: peer.uid, gid: peer.gid, pid: peer.pid)
    }

    /// The port this socket is bound to; nil for a Unix socket.
    func boundPort() -> UInt16? {
        guard case .tcp(_, let port) = SocketAddress(boundTo: descriptor)?.form else { return nil }
        return port
    }

    private static func tcpIdentity(_ storage: inout sockaddr_storage) -> PeerIdentity? {
        guard let (host, port) = SocketAddress.endpoint(&storage) else { return nil }
        return .tcp(address: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
    }
}
