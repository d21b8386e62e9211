import Glibc

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
            "\(call) failed for \(path): \(AuditLogError.text(code))"
        }
    }

    /// `strerror_r(3)`, which unlike `strerror` is thread-safe.
    private static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
