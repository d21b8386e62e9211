package import Bytes

/// The daemon's settings that tools without a daemon need: they are read as the daemon reads them,
/// and the others are not looked at.
package struct OfflineSettings: Sendable {
    /// Which store, and the state directory.
    package let store: StoreSettings
    /// JWT_SECRET, where it is set.
    package let secret: SecretBytes?

    /// - Parameters:
    ///   - environment: the process's environment.
    ///   - envFile: a `.env` file, which must then exist; nil takes the one that AUTHD_ENV_FILE
    ///     names, else `./.env` if it exists. Root may name one of any user, such as the daemon's,
    ///     that is closed to all others.
    ///   - host: what defaults depend on.
    /// - Returns: the checked settings.
    /// - Throws: the first thing that is wrong, as one line for the operator.
    package static func load(
        environment: [String: String], envFile: String?, host: HostFacts = .current
    ) throws(ConfigurationError) -> OfflineSettings {
        let choice = EnvironmentFileChoice(
            named: envFile, options: [:], environment: environment, host: host)
        // One that was not named may be anybody's who has put it into this directory.
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
