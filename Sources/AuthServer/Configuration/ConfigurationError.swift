/// Why the daemon can't start with this configuration. Its description is one line for the operator
/// that never holds the value of a secret.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A known setting with an invalid value.
    case invalidValue(name: String, source: SettingSource, problem: String, allowed: String)
    /// A name that looks like one of ours but is not: most likely a typing error.
    case unknownName(String, source: SettingSource, nearest: String)
    /// Two names of one setting with two values in one source.
    case conflictingNames(String, String, source: SettingSource)
    /// A file or directory that cannot be used, with the reason and what to do.
    /// With the setting that names the file, if there is one.
    case unusableFile(path: String, problem: String, setting: String? = nil)

    package var description: String {
        switch self {
        case .invalidValue(let name, let source, let problem, let allowed):
            "\(name) (\(source)): \(problem); allowed: \(allowed)"
        case .unknownName(let name, let source, let nearest):
            "\(LineText.plain(name)) (\(source)) is not a setting of authd;"
                + " did you mean \(nearest)?"
        case .conflictingNames(let name, let alias, let source):
            "\(name) and \(alias) (\(source)) are the same setting but have different values;"
                + " remove \(alias)"
        case .unusableFile(let path, let problem, let setting):
            (setting.map { "\($0): " } ?? "") + "\(LineText.plain(path)): \(problem)"
        }
    }

    /// The same, with the setting that names the file.
    func naming(_ setting: Setting) -> ConfigurationError {
        guard case .unusableFile(let path, let problem, _) = self else { return self }
        return .unusableFile(path: path, problem: problem, setting: setting.name)
    }
}
