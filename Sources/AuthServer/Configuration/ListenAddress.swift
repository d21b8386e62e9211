import Glibc

/// One place where the daemon accepts connections.
package enum ListenAddress: Sendable, Hashable {
    /// A Unix socket at an absolute path of at most 107 bytes.
    case unix(path: String)
    /// TLS on a host name or IP address; port 0 lets the system choose.
    case tls(host: String, port: UInt16)
    /// Plain TCP on a loopback IP address; port 0 lets the system choose.
    case tcp(host: String, port: UInt16)
    /// The sockets that the service manager passes under a name (`FileDescriptorName=`), with TLS
    /// or without.
    case systemd(name: String, isTLS: Bool)

    /// The limit of `FileDescriptorName=` (systemd.socket(5)).
    static let socketNameBytesMax = 255
    /// `sun_path` has 108 bytes, one of them for the NUL (`unix(7)`).
    static let unixPathBytesMax = 107

    init(_ text: String, host facts: HostFacts) throws(SettingProblem) {
        guard let colon = text.firstIndex(of: ":") else { throw .notAllowed }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "unix":
            guard !rest.isEmpty, !rest.hasSuffix("/") else { throw .notAllowed }
            let path = facts.absolute(rest)
            guard path.utf8.count <= ListenAddress.unixPathBytesMax else {
                throw SettingProblem(
                    "has a socket path of \(path.utf8.count) bytes; at most"
                        + " \(ListenAddress.unixPathBytesMax) are allowed")
            }
            self = .unix(path: path)
        case "tls":
            let (host, port) = try ListenAddress.hostAndPort(rest)
            self = .tls(host: host, port: port)
        case "tcp":
            let (host, port) = try ListenAddress.hostAndPort(rest)
            guard let address = ListenAddress.loopback(host) else {
                throw SettingProblem(
                    "asks for plain TCP on \(LineText.quoted(host, bytesMax: 100)),"
                        + " which is not a loopback address")
            }
            self = .tcp(host: address, port: port)
        case "systemd": self = .systemd(name: try ListenAddress.socketName(rest), isTLS: false)
        case "systemd-tls": self = .systemd(name: try ListenAddress.socketName(rest), isTLS: true)
        default: throw .notAllowed
        }
    }

    /// Whether it uses TLS.
    var isTLS: Bool {
        switch self {
        case .tls, .systemd(_, isTLS: true): true
        case .unix, .tcp, .systemd(_, isTLS: false): false
        }
    }

    /// Whether both would use the same socket.
    func isSameSocket(as other: ListenAddress) -> Bool {
        if case .systemd(let name, _) = self, case .systemd(name, _) = other { return true }
        return self == other
    }

    private static func socketName(_ text: String) throws(SettingProblem) -> String {
        let isFit = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
        guard isFit, (1...socketNameBytesMax).contains(text.utf8.count) else { throw .notAllowed }
        return text
    }

    /// The loopback IP address that `host` means, or nil. `localhost` is not looked up: what a
    /// resolver says about it is not ours to trust.
    static func loopback(_ host: String) -> String? {
        if host == "localhost" { return "127.0.0.1" }
        var v4 = in_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            return UInt32(bigEndian: v4.s_addr) >> 24 == 127 ? host : nil
        }
        return host == "::1" ? host : nil
    }

    private static func hostAndPort(_ text: String) throws(SettingProblem) -> (String, UInt16) {
        guard let colon = text.lastIndex(of: ":") else { throw .notAllowed }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { throw SettingProblem("has a port that is not 0 to 65535") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            var v6 = in6_addr()
            guard inet_pton(AF_INET6, String(host), &v6) == 1 else { throw .notAllowed }
            return (String(host), port)
        }
        guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else {
            throw .notAllowed
        }
        return (String(host), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }
}
