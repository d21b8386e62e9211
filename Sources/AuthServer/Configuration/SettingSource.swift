/// Where a value came from; the earlier case wins over the later.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case commandLine
    case environment
    /// The `.env` file at this path.
    case file(String)
    case builtIn

    /// A word or path for messages; no control characters.
    package var description: String {
        switch self {
        case .commandLine: "command line"
        case .environment: "environment"
        case .file(let path): LineText.plain(path)
        case .builtIn: "default"
        }
    }
}
