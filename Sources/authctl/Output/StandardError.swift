import Glibc

/// Standard error.
enum StandardError {
    /// Writes one line.
    static func print(_ line: String) {
        Descriptor.show(line + "\n", on: STDERR_FILENO)
    }
}
