import Bytes

extension ClientNetwork {
    /// The network of a peer's `HOST:PORT` or `[HOST]:PORT`, as the kernel's address is written; nil for
    /// any other text.
    init?(endpoint: String) {
        guard let colon = endpoint.lastIndex(of: ":") else { return nil }
        var host = endpoint[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.init(String(host))
    }
}
