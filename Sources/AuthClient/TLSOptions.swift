/// How to speak TLS with a daemon at `tls:HOST:PORT`: files in PEM form, read once.
public struct TLSOptions: Sendable, Equatable {
    /// The authorities, one of which must have issued the daemon's certificate; nil takes the
    /// system's.
    public var authoritiesFile: String?
    /// The name that the daemon's certificate must have, a host name or an IP address; nil takes
    /// the host that is connected to.
    public var serverName: String?
    /// The client's certificate followed by the intermediate ones; nil for none.
    public var certificateFile: String?
    /// Its private key, without a passphrase; the file must be readable only by its owner.
    public var keyFile: String?

    /// The system's authorities and no client certificate.
    public init() {}
}
