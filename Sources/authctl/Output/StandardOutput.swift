@preconcurrency import Glibc

/// Standard output, to which `print` writes without telling whether it was taken.
enum StandardOutput {
    /// Brings all that was printed to where it goes. A reader who has gone, such as `head`, has had
    /// what he wanted.
    ///
    /// - Throws: `Failure` when some of it is lost.
    static func finish() throws(Failure) {
        let isFlushed = fflush(stdout) == 0
        let code = errno
        guard !isFlushed || ferror(stdout) != 0, !hasNoReader else { return }
        // A write that failed before the last one left no code.
        let cause = isFlushed ? "not all of it was taken" : String(cString: strerror(code))
        throw Failure(.localState, "OUTPUT", "standard output can't be written: \(cause)")
    }

    private static var hasNoReader: Bool {
        var room = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&room, 1, 0) == 1 && room.revents & Int16(POLLERR) != 0
    }
}
