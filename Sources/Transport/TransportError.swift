import Bytes

/// Why an address or a socket can't be used.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// Not `unix:PATH`, `tls:HOST:PORT` or `tcp:HOST:PORT`.
    case addressMalformed(String)
    /// Such an address, except that its port is not 0 to 65535.
    case portMalformed(String)
    /// `tls:` without certificates, or certificates without `tls:`.
    case tlsNotSetUp(String)
    /// The system's resolver finds no address for a host.
    case unknownHost(String, reason: String)
    /// Plain TCP to or from another machine.
    case notLoopback(String)
    /// A Unix socket's path is longer than the kernel allows.
    case pathTooLong(String, bytesMax: Int)
    /// There is a file at the path, and it is not a socket; it is left alone.
    case notASocket(String)
    /// Somebody is already listening there.
    case alreadyInUse(String)
    /// The file system did not apply mode, owner or group.
    case permissionsNotApplied(String)
    /// The variables that name a service manager's sockets contradict each other.
    case inheritedSocketsMalformed(String)
    /// The service manager passed no socket of this name.
    case notInherited(String, passed: [String])
    /// The service manager passed a socket that can't be used as configured.
    case inheritedSocketUnfit(String, InheritedSocketProblem)
    /// A system call failed.
    case system(call: String, subject: String, code: Int32)

    package var description: String {
        switch self {
        case .addressMalformed(let text), .portMalformed(let text):
            "\(text) is not an address: write unix:PATH, tls:HOST:PORT or tcp:HOST:PORT"
        case .tlsNotSetUp(let text): "\(text): TLS is not set up for it"
        case .unknownHost(let host, let reason): "no address is known for \(host): \(reason)"
        case .notLoopback(let text):
            """
            \(text): plain TCP is only for this machine; use 127.0.0.1, [::1] or localhost, or \
            tls: for other machines
            """
        case .pathTooLong(let path, let bytesMax):
            "the socket path \(path) is longer than \(bytesMax) bytes"
        case .notASocket(let path):
            "\(path) exists and is not a socket; remove it or choose another path"
        case .alreadyInUse(let address): "another process is listening on \(address)"
        case .permissionsNotApplied(let path):
            "the file system of \(path) does not keep its mode, owner or group; choose another place"
        case .inheritedSocketsMalformed(let problem): "the service manager's sockets: \(problem)"
        case .notInherited(let name, let passed):
            """
            the service manager passed no socket named \(name); it passed \
            \(passed.isEmpty ? "none" : passed.joined(separator: ", "))
            """
        case .inheritedSocketUnfit(let name, let problem): "socket \(name) \(problem.phrase)"
        case .system(let call, let subject, let code):
            "\(call) failed for \(subject): \(systemMessage(code))"
        }
    }
}

/// What is wrong with a socket that a service manager passed.
package enum InheritedSocketProblem: Equatable, Sendable {
    /// Not a listening stream socket.
    case notListening
    /// TLS was requested, but it is a Unix socket.
    case unixSocket
    /// Plain TCP was requested, on an address that other machines can reach.
    case reachedFromOutside(String)
    /// One Unix socket was requested, but it is another kind, or there are several.
    case notOneUnixSocket
    /// Only its owner and root may connect, but the mode of its file lets others in.
    case openToOthers(String)

    var phrase: String {
        switch self {
        case .notListening:
            "does not listen for streams: its unit needs ListenStream= and Accept=no"
        case .unixSocket: "is a Unix socket, for which there is no TLS: write systemd:"
        case .reachedFromOutside(let address):
            """
            listens on \(address): plain TCP is only for this machine; let it listen on \
            127.0.0.1 or [::1], or write systemd-tls:
            """
        case .notOneUnixSocket: "is not one Unix socket"
        case .openToOthers(let path):
            "has the file \(path), which other users can open: its unit needs SocketMode=0600"
        }
    }
}
