/// Whether TLS callers must have a certificate.
package enum ClientCertificateRule: String, Sendable, CaseIterable {
    /// One of an authority in AUTHD_TLS_CLIENT_CA_FILE.
    case required
    /// None is asked for.
    case anyoneMayCall = "anyone-may-call"
}
