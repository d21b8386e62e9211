import Bytes

/// Why a log can't be opened or written.
package enum AuditLogError: Error, Equatable, CustomStringConvertible {
    /// The file can't be used; the problem says what to do.
    case unusable(path: String, problem: String)
    /// A system call failed, for now or for good.
    case system(call: String, path: String, code: Int32)

    package var description: String {
        switch self {
        case .unusable(let path, let problem): "\(path): \(problem)"
        case .system(let call, let path, let code):
            "\(call) failed for \(path): \(systemMessage(code))"
        }
    }
}
