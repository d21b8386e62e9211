import Glibc

/// The terminal as it was before echo was turned off, where a signal handler can find it.
///
/// `nonisolated(unsafe)`: written by the one prompt at a time before the handler is installed.
nonisolated(unsafe) private var savedSettings = termios()
/// `nonisolated(unsafe)`: likewise.
nonisolated(unsafe) private var savedDescriptor: Int32 = -1

/// Turns a terminal's echo off, and on again however the prompt ends.
enum SavedTerminal {
    /// Turns echo off; a signal that ends the process turns it on again first.
    static func hideInput(_ descriptor: Int32) -> Bool {
        guard tcgetattr(descriptor, &savedSettings) == 0 else { return false }
        savedDescriptor = descriptor
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            signal(number) { number in
                // Only async-signal-safe calls here: tcsetattr(3) and _exit(2) are.
                tcsetattr(savedDescriptor, TCSAFLUSH, &savedSettings)
                _exit(128 + number)
            }
        }
        var hidden = savedSettings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        return tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0
    }

    /// Puts the terminal back.
    static func restore() {
        tcsetattr(savedDescriptor, TCSAFLUSH, &savedSettings)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_DFL) }
    }
}
