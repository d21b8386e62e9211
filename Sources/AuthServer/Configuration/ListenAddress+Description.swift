extension ListenAddress: CustomStringConvertible {
    /// In the form of AUTHD_LISTEN.
    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tls(let host, let port): "tls:\(ListenAddress.bracketed(host)):\(port)"
        case .systemd(let name, let isTLS): "\(isTLS ? "systemd-tls" : "systemd"):\(name)"
        case .tcp(let host, let port): "tcp:\(ListenAddress.bracketed(host)):\(port)"
        }
    }

    /// An IPv6 address in brackets, so that its colons are not taken for the port's.
    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}
