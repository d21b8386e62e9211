/// Which `.env` file is read.
struct EnvironmentFileChoice {
    let path: String
    let source: SettingSource

    /// nil if there is none. A named file must exist; `./.env` may be missing.
    ///
    /// - Parameters:
    ///   - named: the path from the option for it.
    ///   - options: values from the command line by the setting's name.
    ///   - environment: the process's environment.
    ///   - host: what relative paths are based on.
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
    /// - Parameter believesAnyOwner: whether another user's file is accepted if only that user can
    ///   access it.
    /// - Returns: its contents.
    /// - Throws: as `EnvironmentFile`, and for a file that names another one.
    func read(believesAnyOwner: Bool = false) throws(ConfigurationError) -> EnvironmentFile {
        let file = try EnvironmentFile(path: path, believesAnyOwner: believesAnyOwner)
        if file.values[Setting.environmentFile.name]?.isEmpty == false {
            throw .invalidValue(
                name: Setting.environmentFile.name, source: .file(path),
                problem: "can't be set in a settings file", allowed: "the environment")
        }
        return file
    }
}
