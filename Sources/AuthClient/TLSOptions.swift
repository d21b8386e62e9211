/// How to speak TLS with a daemon at `tls:HOST:PORT`: files in PEM form, read once.
public struct TLSOptions: Sendable, Equatable {
    /// The authorities, one of which must have issued the daemon's certificate; nil takes the
    /// system's.
    public var authoritiesFile: String?
    /// What the daemon's certificate must be for, a host's name or an IP address; nil takes the host
    /// that is connected to.
    public var serverName: String?
    /// The client's certificate with the intermediate ones behind it; nil has none.
    public var certificateFile: String?
    /// Its private key, without a passphrase; nobody but its owner may be able to read the file.
    public var keyFile: String?

    /// The system's authorities and no client certificate.
    public init() {}
}
