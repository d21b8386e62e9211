import Foundation
import Glibc

/// Where a person is shown what should not end up in a file: the terminal, even when standard
/// output goes elsewhere.
struct Screen: ~Copyable {
    private let descriptor: Int32
    private let isOwned: Bool

    /// - Parameter isStandardOutput: for scripts, which have no terminal.
    /// - Throws: `Failure` when there is no terminal.
    init(isStandardOutput: Bool) throws(Failure) {
        isOwned = !isStandardOutput
        guard !isStandardOutput else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open("/dev/tty", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "NO_TERMINAL", "there is no terminal on which to show the secret",
                hint: "use --json or --password-stdin")
        }
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Characters across and down; nil if it is not a terminal, or one that does not say.
    var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether it is a terminal.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes `text`, after everything written to standard output so far.
    func show(_ text: String) {
        fflush(nil)
        Descriptor.show(text, on: descriptor)
    }
}
