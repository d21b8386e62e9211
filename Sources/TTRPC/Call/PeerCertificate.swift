/// The client certificate of a TLS connection: verified against the daemon's CA for client
/// certificates, in date, and its private key proved to be the peer's, at a full handshake or at
/// the one that a resumed session came from.
package struct PeerCertificate: Hashable, Sendable {
    /// Names per certificate that are considered; a caller has a handful.
    package static let namesMax = 64
    /// Bytes of one name with its kind; a DNS name has 253, and URIs need some limit.
    package static let nameBytesMax = 512

    /// SHA-256 of the certificate (DER): 64 lower-case hexadecimal digits. Another certificate of
    /// the same names, such as a renewed one, has another fingerprint.
    package let fingerprint: String
    /// What the certificate says about its holder, each name with its kind, so that a name of one
    /// kind is never taken for another kind; compare whole strings:
    ///
    /// - `cn:NAME`: the subject's common name, as it is, when there is exactly one.
    /// - `dns:HOST`: a subject alternative name (RFC 5280 §4.2.1.6), in lower case. `*` in it is a
    ///   character like others: a wildcard names nobody.
    /// - `uri:URI`: the same, as it is; SPIFFE identities are such.
    /// - `email:MAILBOX`: the same, as it is.
    /// - `ip:ADDRESS`: the same, as `inet_ntop(3)` writes it.
    ///
    /// The common name comes first, the others in the certificate's order. Names that are empty,
    /// too long, not UTF-8, or with control characters or NULs are left out, as is what is over
    /// `namesMax`: a list of allowed names can't be met by them.
    package let names: [String]

    package init(fingerprint: String, names: [String]) {
        self.fingerprint = fingerprint
        self.names = names
    }
}
