package import Transport

/// One place where the daemon accepts connections.
package enum ListenAddress: Sendable, Equatable {
    /// A socket that the daemon opens itself; a Unix one has an absolute path.
    case socket(SocketAddress)
    /// The sockets that the service manager passes under a name (`FileDescriptorName=`), with TLS
    /// or without.
    case systemd(name: String, isTLS: Bool)

    /// The limit of `FileDescriptorName=` (systemd.socket(5)).
    static let socketNameBytesMax = 255

    init(_ text: String, host facts: HostFacts) throws(SettingProblem) {
        guard let colon = text.firstIndex(of: ":") else { throw .notAllowed }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "unix":
            guard !rest.isEmpty, !rest.hasSuffix("/") else { throw .notAllowed }
            self = .socket(try ListenAddress.address("unix:" + facts.absolute(rest)))
        case "tls", "tcp": self = .socket(try ListenAddress.address(text))
        case "systemd": self = .systemd(name: try ListenAddress.socketName(rest), isTLS: false)
        case "systemd-tls": self = .systemd(name: try ListenAddress.socketName(rest), isTLS: true)
        default: throw .notAllowed
        }
    }

    /// Whether it uses TLS.
    var isTLS: Bool {
        switch self {
        case .socket(let address): address.isTLS
        case .systemd(_, let isTLS): isTLS
        }
    }

    /// Whether the daemon creates a socket's file.
    var makesFile: Bool {
        if case .socket(let address) = self, case .unix = address.form { true } else { false }
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

    /// The address, or what a setting says about a text that is not one.
    private static func address(_ text: String) throws(SettingProblem) -> SocketAddress {
        do {
            return try SocketAddress(parsing: text)
        } catch {
            switch error {
            case .portMalformed: throw SettingProblem("has a port that is not 0 to 65535")
            case .notLoopback:
                let host = LineText.quoted(ListenAddress.host(text), bytesMax: 100)
                throw SettingProblem(
                    "asks for plain TCP on \(host), which is not a loopback address")
            case .pathTooLong(let path, let bytesMax):
                throw SettingProblem(
                    "has a socket path of \(path.utf8.count) bytes; at most"
                        + " \(bytesMax) are allowed")
            default: throw .notAllowed
            }
        }
    }

    /// The part before the port, without brackets.
    private static func host(_ text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let host = parts.dropFirst().dropLast().joined(separator: ":")
        return host.hasPrefix("[") && host.hasSuffix("]")
            ? String(host.dropFirst().dropLast()) : host
    }
}
