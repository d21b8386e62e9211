/// Which `.env` file is read.
struct EnvironmentFileChoice {
    let path: String
    let source: SettingSource

    /// nil when there is none. A file that is named must exist; `./.env` may be missing.
    ///
    /// - Parameters:
    ///   - named: the path that the option for it names.
    ///   - options: values from the command line by the setting's name.
    ///   - environment: the process's environment.
    ///   - host: what relative paths stand on.
    init?(
        named: String?, options: [String: String], environment: [String: String], host: HostFacts
    ) {
        let name = Setting.environmentFile.name
        let paths: [(String?, SettingSource)] = [
            (named, .commandLine), (options[name], .commandLine), (environment[name], .environment),
        ]
        for case (.some(let path), let source) in paths where !path.isEmpty {
            self.path = host.absolute(path)
            self.source = source
            return
        }
        path = host.absolute(".env")
        source = .builtIn
        guard PrivateFile.exists(path) else { return nil }
    }

    /// Reads the file.
    ///
    /// - Parameter believesAnyOwner: whether root reads a file of another user that nobody else can
    ///   read or change.
    /// - Returns: what it holds.
    /// - Throws: as `EnvironmentFile`, and for a file that names another one.
    func read(believesAnyOwner: Bool = false) throws(ConfigurationError) -> EnvironmentFile {
        let file = try EnvironmentFile(path: path, believesAnyOwner: believesAnyOwner)
        if file.values[Setting.environmentFile.name]?.isEmpty == false {
            throw .invalidValue(
                name: Setting.environmentFile.name, source: .file(path),
                problem: "cannot be set in such a file", allowed: "the environment")
        }
        return file
    }
}
