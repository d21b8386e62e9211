import Glibc

extension SocketAddress {
    /// Addresses of one host that are tried or listened on.
    private static let resolvedMax = 16

    /// Whether it can be listened on or connected to directly.
    var isNumeric: Bool {
        guard case .tls(let host, _) = form else { return true }
        var address = in6_addr()
        return inet_pton(AF_INET, host, &address) == 1
            || inet_pton(AF_INET6, host, &address) == 1
    }

    /// The numeric addresses that it stands for, itself if it already is one. Asks the system's
    /// resolver, and so blocks its thread, possibly for many seconds.
    ///
    /// - Throws: `TransportError.unknownHost`.
    package func resolved() throws(TransportError) -> [SocketAddress] {
        guard case .tls(let host, let port) = form, !isNumeric else { return [self] }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw .unknownHost(host, reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next, addresses.count < SocketAddress.resolvedMax {
            next = entry.pointee.ai_next
            guard let numeric = SocketAddress.numericHost(entry.pointee) else { continue }
            let address = SocketAddress(form: .tls(host: numeric, port: port))
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { throw .unknownHost(host, reason: "it has none") }
        return addresses
    }

    private static func numericHost(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST) == 0
        else { return nil }
        let host = String(
            decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // A zone, as in fe80::1%eth0, can't be written in our form.
        return host.contains("%") ? nil : host
    }
}
