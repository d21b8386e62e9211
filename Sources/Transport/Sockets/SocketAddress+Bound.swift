import Glibc

extension SocketAddress {
    /// Where the kernel says that a socket is bound; nil when it is not a Unix, IPv4 or IPv6
    /// socket.
    ///
    /// - Parameters:
    ///   - descriptor: the socket's.
    ///   - isTLS: whether it uses TLS, if it is not a Unix socket.
    init?(boundTo descriptor: Int32, isTLS: Bool = false) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        guard result == 0 else { return nil }
        if Int32(storage.ss_family) == AF_UNIX {
            self.init(form: .unix(path: SocketAddress.path(&storage, byteCount: Int(size))))
        } else if let (host, port) = SocketAddress.endpoint(&storage) {
            self.init(
                form: isTLS ? .tls(host: host, port: port) : .tcp(host: host, port: port))
        } else {
            return nil
        }
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        switch form {
        case .unix: true
        case .tcp(let host, _), .tls(let host, _):
            host == "::1" || host.hasPrefix("127.") && !host.contains(":")
        }
    }

    /// The path of a Unix socket; for an abstract name an @ and the name, and an empty text for
    /// one that is not bound (unix(7)).
    private static func path(_ storage: inout sockaddr_storage, byteCount: Int) -> String {
        withUnsafeBytes(of: &storage) { bytes in
            let path = bytes[..<byteCount].dropFirst(MemoryLayout<sa_family_t>.size)
            guard let first = path.first else { return "" }
            if first == 0 { return "@" + String(decoding: path.dropFirst(), as: UTF8.self) }
            return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// The numeric host and the port of an IPv4 or IPv6 address.
    static func endpoint(
        _ storage: inout sockaddr_storage
    ) -> (host: String, port: UInt16)? {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = Int32(storage.ss_family)
        let port: UInt16? = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                var address = bytes.loadUnaligned(as: sockaddr_in.self)
                inet_ntop(family, &address.sin_addr, &text, socklen_t(text.count))
                return UInt16(bigEndian: address.sin_port)
            case AF_INET6:
                var address = bytes.loadUnaligned(as: sockaddr_in6.self)
                inet_ntop(family, &address.sin6_addr, &text, socklen_t(text.count))
                return UInt16(bigEndian: address.sin6_port)
            default: return nil
            }
        }
        guard let port else { return nil }
        let host = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (String(decoding: host, as: UTF8.self), port)
    }
}
