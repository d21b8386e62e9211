@preconcurrency import Glibc

/// Standard output, to which `print` writes without telling whether it was taken.
enum StandardOutput {
    /// Brings all that was printed to where it goes; what went wrong, or nil.
    static func trouble() -> String? {
        guard fflush(stdout) == 0 else { return String(cString: strerror(errno)) }
        return ferror(stdout) == 0 ? nil : "not all of it was taken"
    }
}
