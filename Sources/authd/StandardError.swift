import Glibc

/// Writes lines for the operator while there is no log yet.
enum StandardError {
    /// Writes `authd: ` and the line.
    static func print(_ line: String) {
        var text = "authd: \(line)\n"
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
