import Glibc

/// Where a server listens and a client connects: a Unix socket, TCP on this machine, or TLS.
package struct SocketAddress: Equatable, Sendable, CustomStringConvertible {
    /// What it names.
    package enum Form: Equatable, Sendable {
        /// A socket file.
        case unix(path: String)
        /// A numeric loopback address; port 0 lets the kernel choose one to listen on.
        case tcp(host: String, port: UInt16)
        /// A host's name or a numeric address, without brackets; port 0 as above. A name has to be
        /// looked up (`resolved()`) before it is listened on or connected to.
        case tls(host: String, port: UInt16)
    }

    package let form: Form

    /// Bytes of a socket path, without the terminating NUL (`sun_path`, unix(7)).
    package static var unixPathBytesMax: Int { 107 }

    /// Reads `unix:PATH`, `tcp:HOST:PORT`, where HOST is in 127.0.0.0/8, `[::1]`, or `localhost`,
    /// or `tls:HOST:PORT`, where HOST is a name, an IPv4 address or an IPv6 address in brackets.
    ///
    /// - Throws: `TransportError.addressMalformed`, `.portMalformed`, `.notLoopback`,
    ///   `.pathTooLong`.
    package init(parsing text: String) throws(TransportError) {
        if let path = SocketAddress.rest(of: text, after: "unix:") {
            try self.init(unixPath: path)
        } else if let endpoint = SocketAddress.rest(of: text, after: "tcp:") {
            let (name, port) = try SocketAddress.nameAndPort(endpoint, of: text)
            guard let host = SocketAddress.loopbackHost(name) else { throw .notLoopback(text) }
            self.init(form: .tcp(host: host, port: port))
        } else if let endpoint = SocketAddress.rest(of: text, after: "tls:") {
            let (name, port) = try SocketAddress.nameAndPort(endpoint, of: text)
            guard let host = SocketAddress.host(name) else { throw .addressMalformed(text) }
            self.init(form: .tls(host: host, port: port))
        } else {
            throw .addressMalformed(text)
        }
    }

    /// The Unix socket at `path`.
    ///
    /// - Throws: `TransportError.addressMalformed` for an empty path or one with a NUL,
    ///   `.pathTooLong`.
    package init(unixPath path: String) throws(TransportError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .addressMalformed("unix:") }
        guard path.utf8.count <= SocketAddress.unixPathBytesMax else {
            throw .pathTooLong(path, bytesMax: SocketAddress.unixPathBytesMax)
        }
        self.init(form: .unix(path: path))
    }

    init(form: Form) {
        self.form = form
    }

    package var description: String {
        switch form {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): "tcp:\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .tls(let host, let port): "tls:\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// Whether it needs a TLS context.
    package var isTLS: Bool {
        if case .tls = form { true } else { false }
    }

    /// The same host with another port; nothing changes for a Unix socket.
    func withPort(_ port: UInt16) -> SocketAddress {
        switch form {
        case .unix: self
        case .tcp(let host, _): SocketAddress(form: .tcp(host: host, port: port))
        case .tls(let host, _): SocketAddress(form: .tls(host: host, port: port))
        }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func nameAndPort(
        _ endpoint: String, of text: String
    ) throws(TransportError) -> (String, UInt16) {
        guard let colon = endpoint.lastIndex(of: ":") else { throw .addressMalformed(text) }
        let digits = endpoint[endpoint.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { throw .portMalformed(text) }
        return (String(endpoint[..<colon]), port)
    }

    /// The host of a TLS address without its brackets, or nil when it is not a host.
    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inner = String(text.dropFirst().dropLast())
            var v6 = in6_addr()
            return inet_pton(AF_INET6, inner, &v6) == 1 ? inner : nil
        }
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "-"): true
            default: false
            }
        }
        // A DNS name has at most 253 bytes (RFC 1035 §2.3.4).
        return isName && (1...253).contains(text.utf8.count) ? text : nil
    }

    /// The numeric form of `host` when it can only mean this machine; else nil.
    private static func loopbackHost(_ host: String) -> String? {
        if host == "localhost" { return "127.0.0.1" }
        var v4 = in_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            return UInt32(bigEndian: v4.s_addr) >> 24 == 127 ? host : nil
        }
        guard host.hasPrefix("["), host.hasSuffix("]") else { return nil }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &v6) == 1 else {
            return nil
        }
        let isLoopback = withUnsafeBytes(of: v6) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
        return isLoopback ? "::1" : nil
    }
}

extension SocketAddress {
    var family: Int32 {
        switch form {
        case .unix: AF_UNIX
        case .tcp(let host, _), .tls(let host, _): host.contains(":") ? AF_INET6 : AF_INET
        }
    }

    /// Calls `body` with the kernel's form of the address.
    func withSystemAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch form {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return SocketAddress.call(body, with: &address)
        case .tcp(let host, let port) where family == AF_INET,
            .tls(let host, let port) where family == AF_INET:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return SocketAddress.call(body, with: &address)
        case .tcp(let host, let port), .tls(let host, let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return SocketAddress.call(body, with: &address)
        }
    }

    private static func call<Address, Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result, with address: inout Address
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
