package import Bytes

/// The daemon's settings that tools without a daemon need. They are read as the daemon reads them;
/// the others are ignored.
package struct OfflineSettings: Sendable {
    /// Which store, and the state directory.
    package let store: StoreSettings
    /// JWT_SECRET, if set.
    package let secret: SecretBytes?

    /// - Parameters:
    ///   - environment: the process's environment.
    ///   - envFile: a `.env` file, which must then exist; nil takes the one in AUTHD_ENV_FILE, else
    ///     `./.env` if it exists. Root may name another user's file, such as the daemon's, if only
    ///     that user can access it.
    ///   - host: what defaults depend on.
    /// - Returns: the checked settings.
    /// - Throws: the first error, as one line for the operator.
    package static func load(
        environment: [String: String], envFile: String?, host: HostFacts = .current
    ) throws(ConfigurationError) -> OfflineSettings {
        let choice = EnvironmentFileChoice(
            named: envFile, options: [:], environment: environment, host: host)
        // One that was not named may have been put into this directory by anybody.
        let isNamed = choice.map { $0.source != .builtIn } ?? false
        let file = try choice?.read(believesAnyOwner: host.isRoot && isNamed)
        var reader = try SettingReader(options: [:], environment: environment, file: file)
        return OfflineSettings(
            store: try StoreSettings(
                &reader, paths: DefaultPaths(isRoot: host.isRoot, environment: environment),
                host: host),
            secret: try reader.secret(.jwtSecret, bytes: TokenSettings.secretBytes))
    }
}
