import Bytes
@preconcurrency import Glibc

/// Standard output, to which `print` writes without reporting errors.
enum StandardOutput {
    /// Flushes all that was printed. A reader that has gone, such as `head`, got what it wanted.
    ///
    /// - Throws: `Failure` when some of it is lost.
    static func finish() throws(Failure) {
        let isFlushed = fflush(stdout) == 0
        let code = errno
        guard !isFlushed || ferror(stdout) != 0, !hasNoReader else { return }
        // An earlier failed write has left no error number.
        let cause = isFlushed ? "not everything was written" : systemMessage(code)
        throw Failure(.localState, "OUTPUT", "standard output can't be written: \(cause)")
    }

    private static var hasNoReader: Bool {
        var room = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&room, 1, 0) == 1 && room.revents & Int16(POLLERR) != 0
    }
}
