/// Whether TLS callers must have a certificate.
package enum ClientCertificateRule: String, Sendable, CaseIterable {
    /// One from an authority in AUTHD_TLS_CLIENT_CA_FILE.
    case required
    /// None is requested.
    case anyoneMayCall = "anyone-may-call"
}
