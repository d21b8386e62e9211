import Transport

extension ListenAddress: CustomStringConvertible {
    /// In the form of AUTHD_LISTEN.
    package var description: String {
        switch self {
        case .socket(let address): address.description
        case .systemd(let name, let isTLS): "\(isTLS ? "systemd-tls" : "systemd"):\(name)"
        }
    }
}
