import Glibc

/// Standard error.
enum StandardError {
    /// Writes one line.
    static func print(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
