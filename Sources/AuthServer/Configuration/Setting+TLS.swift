/// The table's part about TLS: first the daemon's, then the clients'.
extension Setting {
    static let tlsCertificateFile = Setting(
        "AUTHD_TLS_CERTIFICATE_FILE", .tls, .text("a path"), .words("none"),
        """
        The daemon's certificate for `tls:`, as PEM, followed by the intermediate ones. \
        Reloaded on SIGHUP, as are the next two.
        """)
    static let tlsKeyFile = Setting(
        "AUTHD_TLS_KEY_FILE", .tls, .text("a path"), .words("none"),
        """
        Its private key, as PEM without a passphrase. Must be readable only by the daemon's user.
        """)
    static let tlsClientCAFile = Setting(
        "AUTHD_TLS_CLIENT_CA_FILE", .tls, .text("a path"), .words("none"),
        """
        The authorities, as PEM, one of which must have issued a caller's certificate. Create \
        one for this purpose: everybody with a certificate from it can connect.
        """)
    static let tlsClientCertificate = Setting(
        "AUTHD_TLS_CLIENT_CERTIFICATE", .tls,
        .choice(ClientCertificateRule.allCases.map(\.rawValue)),
        .text("required"),
        """
        Whether a TLS caller must have a certificate. With `anyone-may-call`, everybody who \
        reaches the port can use the daemon.
        """)
    static let tlsHandshakeSeconds = Setting(
        "AUTHD_TLS_HANDSHAKE_SECONDS", .tls, .integer(1...300, unit: "seconds"), .text("10"),
        "How long a TLS handshake may take.")
    static let tlsHandshakesMax = Setting(
        "AUTHD_TLS_HANDSHAKES_MAX", .tls, .integer(1...16_384, unit: "handshakes"),
        .text("256"),
        """
        How many handshakes of one listener may be in progress; further connections are closed \
        at once. Handshakes don't count as connections.
        """)
    static let tlsHandshakesPerAddressMax = Setting(
        "AUTHD_TLS_HANDSHAKES_PER_ADDRESS_MAX", .tls, .integer(1...16_384, unit: "handshakes"),
        .text("64"), "How many of them one address (of IPv6: one /64) may have.")
    static let tlsServerCAFile = Setting(
        "AUTHD_TLS_SERVER_CA_FILE", .tls, .text("a path"), .words("the system's authorities"),
        """
        The authorities, as PEM, one of which must have issued the daemon's certificate. For \
        authctl, like the next three, and only from its environment, not from a .env file.
        """)
    static let tlsServerName = Setting(
        "AUTHD_TLS_SERVER_NAME", .tls, .text("a host name or an IP address"),
        .words("the host in AUTHD_SOCKET"),
        "The name that the daemon's certificate must have.")
    static let tlsClientCertificateFile = Setting(
        "AUTHD_TLS_CLIENT_CERTIFICATE_FILE", .tls, .text("a path"), .words("none"),
        "The client's certificate, as PEM, followed by the intermediate ones.")
    static let tlsClientKeyFile = Setting(
        "AUTHD_TLS_CLIENT_KEY_FILE", .tls, .text("a path"), .words("none"),
        "Its private key, as PEM without a passphrase. Must be readable only by its owner.")
}
