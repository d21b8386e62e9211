import Glibc

/// How connections are grouped when only their address tells them apart.
enum PeerNetwork {
    /// The host of `HOST:PORT` or `[HOST]:PORT`; for an IPv6 address its /64, since that is what
    /// one customer gets as a whole, and for a mapped one the IPv4 address.
    static func key(ofAddress address: String) -> String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        var host = address[..<colon]
        guard host.hasPrefix("["), host.hasSuffix("]") else { return String(host) }
        host = host.dropFirst().dropLast()
        var parsed = in6_addr()
        guard inet_pton(AF_INET6, String(host), &parsed) == 1 else { return String(host) }
        return withUnsafeBytes(of: parsed) { bytes in
            let isMapped =
                bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff
                && bytes[11] == 0xff
            if isMapped { return bytes[12...].map { String($0) }.joined(separator: ".") }
            return bytes[0..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
        }
    }
}
