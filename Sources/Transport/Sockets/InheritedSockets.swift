package import Glibc

/// The listening sockets that a service manager opened for this process, and keeps when it ends:
/// callers that connect between two daemons wait instead of being refused (`sd_listen_fds(3)`).
package struct InheritedSockets: Sendable {
    /// One socket that was passed.
    package struct Passed: Equatable, Sendable {
        /// The manager's name for it (`FileDescriptorName=`); several may share a name.
        package let name: String
        let descriptor: Int32
    }

    /// The number of the first; the others follow it.
    private static let firstDescriptor: Int32 = 3
    /// More than anybody needs.
    private static let countMax = 64

    /// In the manager's order.
    package let passed: [Passed]

    init(passed: [Passed]) {
        self.passed = passed
    }

    /// Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`. What is meant for another process,
    /// such as a parent that left the variables set, is left alone.
    ///
    /// - Parameters:
    ///   - environment: the process's, as it was started.
    ///   - process: this one.
    /// - Throws: `TransportError.inheritedSocketsMalformed`.
    package init(
        environment: [String: String], process: pid_t = getpid()
    ) throws(TransportError) {
        guard let target = environment["LISTEN_PID"], pid_t(target) == process,
            let text = environment["LISTEN_FDS"]
        else {
            self.init(passed: [])
            return
        }
        guard let count = Int(text), (0...InheritedSockets.countMax).contains(count) else {
            throw .inheritedSocketsMalformed("LISTEN_FDS is not 0 to \(InheritedSockets.countMax)")
        }
        // The manual's word for sockets without a name.
        var names = [String](repeating: "unknown", count: count)
        if let text = environment["LISTEN_FDNAMES"], count > 0 {
            names = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
            guard names.count == count else {
                throw .inheritedSocketsMalformed("LISTEN_FDNAMES does not name \(count) sockets")
            }
        }
        self.init(
            passed: names.enumerated().map { index, name in
                Passed(name: name, descriptor: InheritedSockets.firstDescriptor + Int32(index))
            })
    }

    /// Takes over all sockets with a name. Call it once per name.
    ///
    /// - Parameters:
    ///   - name: the manager's.
    ///   - tls: for TLS, for which all of them must then be suitable.
    /// - Returns: at least one.
    /// - Throws: `TransportError.notInherited`, `.inheritedSocketUnfit`.
    package func listeners(
        named name: String, tls: TLSCredentials? = nil
    ) throws(TransportError) -> [Listener] {
        let ours = passed.filter { $0.name == name }
        guard !ours.isEmpty else {
            throw .notInherited(name, passed: passed.map(\.name))
        }
        var listeners: [Listener] = []
        for socket in ours {
            let address = try InheritedSockets.address(of: socket, isTLS: tls != nil)
            listeners.append(
                Listener(adopting: socket.descriptor, address: address, tls: tls))
        }
        return listeners
    }

    /// Where it listens.
    ///
    /// - Throws: `.inheritedSocketUnfit` for anything but a listening stream socket, for TLS on a
    ///   Unix socket, and for plain TCP that other machines can reach.
    private static func address(
        of socket: Passed, isTLS: Bool
    ) throws(TransportError) -> SocketAddress {
        guard option(SO_TYPE, of: socket) == Int32(SOCK_STREAM.rawValue),
            option(SO_ACCEPTCONN, of: socket) == 1,
            let address = SocketAddress(boundTo: socket.descriptor, isTLS: isTLS)
        else { throw .inheritedSocketUnfit(socket.name, .notListening) }
        switch address.form {
        case .unix:
            guard !isTLS else { throw .inheritedSocketUnfit(socket.name, .unixSocket) }
        case .tcp:
            guard address.isLoopback else {
                throw .inheritedSocketUnfit(socket.name, .reachedFromOutside(address.description))
            }
        case .tls: break
        }
        return address
    }

    /// A number that the kernel stores with the socket; nil when it is not a socket.
    private static func option(_ name: Int32, of socket: Passed) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(socket.descriptor, SOL_SOCKET, name, &value, &size)
        return result == 0 ? value : nil
    }
}
