/// The daemon's whole configuration at its start, checked.
///
/// `load` is the only way to create one: a value guarantees that each part is within the
/// bounds of its setting, and that parts that depend on each other agree.
package struct ServerConfiguration: Sendable {
    package let tokens: TokenSettings
    package let sessions: SessionSettings
    package let store: StoreSettings
    package let sockets: SocketSettings
    package let callers: CallerSettings
    package let tls: TLSSettings
    package let hashing: HashSettings
    package let throttling: ThrottleSettings
    package let passwords: PasswordSettings
    package let limits: LimitSettings
    package let log: LogSettings
    package let audit: AuditSettings
    /// How long calls in flight may take to finish after SIGTERM, in seconds.
    package let shutdownSeconds: Int
    /// The `.env` file that was read, if any.
    package let environmentFile: String?
    /// One-line sentences for the log: what is allowed but unwise, or looks like a typing error.
    package let warnings: [String]
    private let shown: [String: String]

    /// Reads all settings. For each, the command line wins over the environment, that over the
    /// `.env` file, and that over the default; an empty value counts as not set.
    ///
    /// - Parameters:
    ///   - options: values from the command line by the setting's name, such as `AUTHD_LISTEN`.
    ///   - environment: the process's environment.
    ///   - dotEnvPath: the `.env` file, which must then exist; nil takes the one that
    ///     AUTHD_ENV_FILE names, else `./.env` if it exists.
    ///   - host: what defaults depend on.
    /// - Throws: the first error, as one line for the operator.
    /// - Returns: the checked configuration.
    package static func load(
        options: [String: String], environment: [String: String], dotEnvPath: String?,
        host: HostFacts = .current
    ) throws(ConfigurationError) -> ServerConfiguration {
        let choice = EnvironmentFileChoice(
            named: dotEnvPath, options: options, environment: environment, host: host)
        let file = try choice?.read()
        var reader = try SettingReader(options: options, environment: environment, file: file)
        reader.show(.environmentFile, choice?.path ?? "(not set)", choice?.source ?? .builtIn)
        let slips =
            [("environment", environment), (file?.path ?? "", file?.values ?? [:])]
            .flatMap { slipWarnings($0.1.keys, source: $0.0) }
        return try ServerConfiguration(
            &reader, paths: DefaultPaths(isRoot: host.isRoot, environment: environment),
            host: host, environmentFile: choice?.path, warnings: slips)
    }

    private init(
        _ reader: inout SettingReader, paths: DefaultPaths, host: HostFacts,
        environmentFile: String?, warnings: [String]
    ) throws(ConfigurationError) {
        tokens = try TokenSettings(&reader, host: host)
        sessions = try SessionSettings(&reader)
        store = try StoreSettings(&reader, paths: paths, host: host)
        sockets = try SocketSettings(
            &reader, paths: paths, stateDirectory: store.stateDirectory, host: host)
        callers = try CallerSettings(&reader, host: host)
        tls = try TLSSettings(&reader, isListenedOn: sockets.hasTLS, host: host)
        hashing = try HashSettings(&reader, host: host)
        throttling = try ThrottleSettings(&reader)
        passwords = try PasswordSettings(&reader, host: host)
        limits = try LimitSettings(&reader, host: host)
        log = try LogSettings(&reader)
        audit = try AuditSettings(&reader, host: host)
        shutdownSeconds = try reader.integer(.shutdownSeconds)
        self.environmentFile = environmentFile
        if tokens.secret == nil {
            let path = store.stateDirectory + "/" + ServerSecrets.fileName
            reader.show(.jwtSecret, "(generated in \(path))", .builtIn)
        }
        shown = reader.shown
        self.warnings =
            warnings
            + ServerConfiguration.advice(tokens, hashing, sockets) + sockets.advice
            + tls.advice + (try ServerConfiguration.unreadAdvice(reader))
    }

    /// One line per setting, `NAME=value  (source)`, in the table's order, for `--check-config`.
    /// Secrets are `(set)`, `(not set)` or `(generated in PATH)`.
    package func effectiveValues() -> [String] {
        Setting.all.compactMap { shown[$0.name] }
    }
}
