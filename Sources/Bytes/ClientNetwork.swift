import Glibc

/// The network of a client, the part in which one customer of a provider can choose any address: an
/// IPv4 address, or the first 64 bits of an IPv6 address.
package struct ClientNetwork: Sendable, Hashable {
    /// 4 bytes, or 8 for IPv6.
    package let bytes: [UInt8]

    /// 10 zero bytes and two of ones come before an IPv4-mapped address (RFC 4291 §2.5.5.2).
    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
    /// 64:ff9b::/96, before one that was translated (RFC 6052 §2.1): a whole provider's.
    private static let translatedPrefix: [UInt8] =
        [0, 0x64, 0xFF, 0x9B] + Array(repeating: 0, count: 8)
    private static let networkBytes = 8

    /// Nil for anything but an address.
    ///
    /// - Parameter address: in text form, as inet_pton takes it.
    package init?(_ address: String) {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, address, &six) == 1 else { return nil }
        let all = withUnsafeBytes(of: six) { Array($0) }
        let prefix = Array(all.prefix(12))
        bytes =
            prefix == ClientNetwork.mappedPrefix || prefix == ClientNetwork.translatedPrefix
            ? Array(all.suffix(4)) : Array(all.prefix(ClientNetwork.networkBytes))
    }
}
