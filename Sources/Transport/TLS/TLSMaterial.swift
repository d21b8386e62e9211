package import Bytes

/// A certificate with its private key, as PEM (RFC 7468).
package struct TLSKeyPair: Sendable {
    /// The certificate followed by the intermediate ones, if any: at most 10 in total.
    package let certificates: SecretBytes
    /// The private key of the first certificate, not encrypted.
    package let key: SecretBytes

    package init(certificates: SecretBytes, key: SecretBytes) {
        self.certificates = certificates
        self.key = key
    }
}

/// What a server's TLS context is made of.
package struct TLSServerMaterial: Sendable {
    package let keyPair: TLSKeyPair
    /// PEM of the authorities that a client's certificate must come from; nil requests none, and
    /// anyone may connect.
    package let clientAuthorities: SecretBytes?

    package init(keyPair: TLSKeyPair, clientAuthorities: SecretBytes?) {
        self.keyPair = keyPair
        self.clientAuthorities = clientAuthorities
    }
}

/// What a client's TLS context is made of.
package struct TLSClientMaterial: Sendable {
    /// For servers that request a certificate; nil for none.
    package let keyPair: TLSKeyPair?
    /// PEM of the authorities that the server's certificate must come from; nil takes the system's.
    package let authorities: SecretBytes?
    /// The name or address the server's certificate must be for; nil takes the host that is
    /// connected to.
    package let serverName: String?

    package init(
        keyPair: TLSKeyPair? = nil, authorities: SecretBytes? = nil, serverName: String? = nil
    ) {
        self.keyPair = keyPair
        self.authorities = authorities
        self.serverName = serverName
    }
}
