/// What is allowed but still worth a line in the log.
extension ServerConfiguration {
    /// Weak but permitted values.
    static func advice(
        _ tokens: TokenSettings, _ hashing: HashSettings, _ sockets: SocketSettings
    ) -> [String] {
        var lines: [String] = []
        if hashing.cost < HashSettings.costAdvisedMin {
            lines.append(
                "AUTHD_BCRYPT_COST is \(hashing.cost): less than \(HashSettings.costAdvisedMin) is"
                    + " for tests, because such hashes are cheap to guess")
        }
        if sockets.mode & 0o002 != 0 {
            lines.append(
                "AUTHD_SOCKET_MODE is \(OctalMode.text(sockets.mode)): every user on this machine"
                    + " may call the daemon")
        }
        if tokens.refreshMinutes < tokens.accessMinutes {
            lines.append(
                "REFRESH_TOKEN_EXP_MINUTES is less than JWT_EXP_MINUTES: sessions end before"
                    + " their access tokens")
        }
        return lines
    }

    /// The settings of clients. They read no `.env` file: they may have no access to the daemon's.
    static let clientSettings: [Setting] = [
        .clientSocket, .tlsServerCAFile, .tlsServerName, .tlsClientCertificateFile,
        .tlsClientKeyFile,
    ]

    /// A line for each client setting in the `.env` file.
    static func unreadAdvice(_ reader: SettingReader) throws(ConfigurationError) -> [String] {
        var lines: [String] = []
        for setting in clientSettings {
            guard case .file(let path)? = try reader.given(setting)?.source else { continue }
            lines.append(
                "\(setting.name) is set in \(LineText.plain(path)), where nothing reads it: it belongs"
                    + " in the environment of authctl and other clients")
        }
        return lines
    }

    /// Names that are two letters or less away from one of the old names, which have no prefix by
    /// which a typing error could be detected: `JWT_SECRT` would silently leave the secret unset.
    static func slipWarnings(_ names: some Sequence<String>, source: String) -> [String] {
        let old = Setting.knownNames.filter { !$0.hasPrefix("AUTHD_") && $0.utf8.count >= 8 }
        return names.sorted().compactMap { name in
            guard !Setting.knownNames.contains(name),
                let (nearest, distance) = NearestName.find(name, in: old), distance <= 2
            else { return nil }
            return "\(LineText.plain(name)) (\(LineText.plain(source))) is not a setting of authd;"
                + " did you mean \(nearest)?"
        }
    }
}
