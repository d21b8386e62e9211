import CEpoll
import Glibc
package import TTRPC

/// A listening socket. Accepts when asked; the server decides when.
package final class Listener: Sendable {
    /// The result of one `accept()`.
    package enum AcceptResult {
        case accepted(Socket, PeerIdentity)
        /// Nobody waits.
        case none
        /// A connection was closed before it was accepted; try again.
        case aborted
        /// No descriptors or memory left: pause, because waiting connections stay ready.
        case exhausted
    }

    /// As many as the kernel allows (`net.core.somaxconn`): after a restart all callers come at
    /// once.
    private static let backlog: Int32 = 4096

    /// Where it listens, with the real port.
    package let address: SocketAddress
    /// Not nil exactly for `tls:`.
    let tls: TLSCredentials?
    let socket: Socket
    private let file: UnixSocketFile?
    private let isTCP: Bool
    /// Bound here, not taken over.
    private let isOwn: Bool

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - address: a stale Unix socket there is replaced.
    ///   - options: for Unix sockets.
    ///   - tls: for TLS, whose host must be numeric (`SocketAddress.resolved()`).
    /// - Throws: `TransportError`.
    package init(
        address: SocketAddress, options: ListenerOptions = ListenerOptions(),
        tls: TLSCredentials? = nil
    ) throws(TransportError) {
        guard address.isTLS == (tls != nil) else { throw .tlsNotSetUp(address.description) }
        guard address.isNumeric else {
            throw .unknownHost(address.description, reason: "it was not looked up")
        }
        self.tls = tls
        let socket = try Socket(for: address)
        switch address.form {
        case .unix(let path):
            isTCP = false
            file = try UnixSocketFile(
                binding: socket, to: address, path: path, options: options)
        case .tcp, .tls:
            isTCP = true
            file = nil
            try Listener.bindTCP(socket, to: address)
        }
        guard listen(socket.descriptor, Listener.backlog) == 0 else {
            let code = errno
            file?.remove()
            throw .system(call: "listen", subject: address.description, code: code)
        }
        isOwn = true
        self.socket = socket
        self.address = socket.boundPort().map(address.withPort) ?? address
    }

    /// Takes over an already listening socket from a service manager, which also keeps its file.
    ///
    /// - Parameters:
    ///   - descriptor: the socket.
    ///   - address: what it listens on.
    ///   - tls: for TLS; without it connections are plain, whatever `address` says.
    package init(adopting descriptor: Int32, address: SocketAddress, tls: TLSCredentials? = nil) {
        self.tls = tls
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        socket = Socket(owning: descriptor)
        isOwn = false
        file = nil
        self.address = address
        if case .unix = address.form { isTCP = false } else { isTCP = true }
    }

    /// Removes the socket's file; call it after the last accept.
    package func removeFile() {
        file?.remove()
    }

    /// Stops listening: new callers are refused, and waiting ones are dropped, instead of hanging
    /// in the kernel's queue until the process ends. A socket that was taken over is left
    /// unchanged: the service manager keeps its queue for our successor.
    func stop() {
        removeFile()
        if isOwn { shutdown(socket.descriptor, Int32(SHUT_RDWR)) }
    }

    /// Takes one waiting connection.
    package func accept() -> AcceptResult {
        let descriptor = cepoll_accept(socket.descriptor)
        guard descriptor >= 0 else {
            switch errno {
            case EAGAIN: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: return .aborted
            }
        }
        let socket = Socket(owning: descriptor)
        if isTCP { socket.disableNagle() }
        guard let peer = socket.peerIdentity() else { return .aborted }
        return .accepted(socket, peer)
    }

    private static func bindTCP(
        _ socket: Socket, to address: SocketAddress
    ) throws(TransportError) {
        var one: Int32 = 1
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &one,
            socklen_t(MemoryLayout<Int32>.size))
        if address.family == AF_INET6 {
            // `[::]` is IPv6 only, as written; `0.0.0.0` may be listed as well.
            setsockopt(
                socket.descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one,
                socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withSystemAddress({ bind(socket.descriptor, $0, $1) }) == 0 else {
            let code = errno
            if code == EADDRINUSE { throw .alreadyInUse(address.description) }
            throw .system(call: "bind", subject: address.description, code: code)
        }
    }
}
