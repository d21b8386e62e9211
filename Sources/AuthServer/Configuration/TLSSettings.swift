/// Certificates and limits of `tls:` listeners.
package struct TLSSettings: Sendable {
    /// Absolute paths of PEM files.
    package struct Files: Sendable {
        package let certificate: String
        package let key: String
        /// nil exactly when callers need no certificate.
        package let clientAuthorities: String?
    }

    /// Not nil when there is a `tls:` listener.
    package let files: Files?
    /// Whether callers must have a certificate.
    package let clientCertificate: ClientCertificateRule
    /// How long a handshake may take, in seconds.
    package let handshakeSeconds: Int
    /// Handshakes in progress, per listener.
    package let handshakesMax: Int
    /// Handshakes in progress, per address.
    package let handshakesPerAddressMax: Int
    /// Sentences for the log.
    let advice: [String]

    /// - Parameters:
    ///   - reader: of all settings.
    ///   - isListenedOn: whether there is a `tls:` listener.
    ///   - host: for relative paths.
    /// - Throws: `invalidValue`; also for a file that `tls:` needs but that is not named.
    init(
        _ reader: inout SettingReader, isListenedOn: Bool, host: HostFacts
    ) throws(ConfigurationError) {
        let certificate = try TLSSettings.path(&reader, .tlsCertificateFile, host)
        let key = try TLSSettings.path(&reader, .tlsKeyFile, host)
        let authorities = try TLSSettings.path(&reader, .tlsClientCAFile, host)
        clientCertificate = try reader.choice(.tlsClientCertificate)
        handshakeSeconds = try reader.integer(.tlsHandshakeSeconds)
        handshakesMax = try reader.integer(.tlsHandshakesMax)
        handshakesPerAddressMax = try reader.integer(.tlsHandshakesPerAddressMax)
        try TLSSettings.checkClientSettings(&reader, host)
        if clientCertificate == .anyoneMayCall, authorities != nil {
            throw .invalidValue(
                name: Setting.tlsClientCertificate.name,
                source: try reader.given(.tlsClientCertificate)?.source ?? .builtIn,
                problem: "is anyone-may-call, but AUTHD_TLS_CLIENT_CA_FILE is set",
                allowed: "required, or no AUTHD_TLS_CLIENT_CA_FILE")
        }
        guard isListenedOn else {
            files = nil
            advice =
                certificate == nil && key == nil && authorities == nil
                ? [] : ["TLS files are named, but AUTHD_LISTEN has no tls: address"]
            return
        }
        files = Files(
            certificate: try TLSSettings.required(certificate, .tlsCertificateFile),
            key: try TLSSettings.required(key, .tlsKeyFile),
            clientAuthorities: clientCertificate == .required
                ? try TLSSettings.required(authorities, .tlsClientCAFile) : nil)
        advice =
            clientCertificate == .required
            ? []
            : [
                "AUTHD_TLS_CLIENT_CERTIFICATE is anyone-may-call: whoever reaches a tls: address"
                    + " may call the daemon"
            ]
    }

    /// Those of clients, which the daemon does not use: only their form is checked.
    private static func checkClientSettings(
        _ reader: inout SettingReader, _ host: HostFacts
    ) throws(ConfigurationError) {
        _ = try path(&reader, .tlsServerCAFile, host)
        _ = try reader.optional(.tlsServerName) { text throws(SettingProblem) in
            guard (1...253).contains(text.utf8.count) else { throw .notAllowed }
            return text
        }
        _ = try path(&reader, .tlsClientCertificateFile, host)
        _ = try path(&reader, .tlsClientKeyFile, host)
    }

    private static func path(
        _ reader: inout SettingReader, _ setting: Setting, _ host: HostFacts
    ) throws(ConfigurationError) -> String? {
        try reader.optional(setting) { text throws(SettingProblem) in host.absolute(text) }
    }

    private static func required(
        _ value: String?, _ setting: Setting
    ) throws(ConfigurationError) -> String {
        if let value { return value }
        throw .invalidValue(
            name: setting.name, source: .builtIn,
            problem: "is not set, but AUTHD_LISTEN has a tls: address",
            allowed: setting.allowed)
    }
}
