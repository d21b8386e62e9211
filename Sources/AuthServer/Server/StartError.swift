/// Why the daemon did not start: one line for the operator.
package enum StartError: Error, CustomStringConvertible {
    /// A setting is wrong, or a file it names can't be used.
    case configuration(ConfigurationError)
    /// This build can't do what is configured.
    case unsupported(String)
    /// A file in AUTHD_JWT_KEY_FILES can't be used.
    case key(path: String, problem: String)
    /// A file for TLS can't be used; says which setting names it.
    case tls(setting: String, path: String, problem: String)
    /// The store can't be opened.
    case store(String)
    /// A socket can't be listened on.
    case listen(String)

    /// Whether the cause is a setting, or a file that one names.
    package var isOfSettings: Bool {
        switch self {
        case .configuration, .key, .tls: true
        case .unsupported, .store, .listen: false
        }
    }

    package var description: String {
        switch self {
        case .configuration(let error): "\(error)"
        case .unsupported(let text), .store(let text), .listen(let text): text
        case .key(let path, let problem): "\(Setting.jwtKeyFiles.name): \(path): \(problem)"
        case .tls(let setting, let path, let problem): "\(setting): \(path): \(problem)"
        }
    }
}
