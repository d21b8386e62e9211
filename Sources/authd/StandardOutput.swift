import Bytes
@preconcurrency import Glibc

/// Standard output, to which `print` writes without reporting errors.
enum StandardOutput {
    /// Flushes all that was printed; returns what went wrong, or nil.
    static func trouble() -> String? {
        guard fflush(stdout) == 0 else { return systemMessage(errno) }
        return ferror(stdout) == 0 ? nil : "not everything was written"
    }
}
