import Glibc

/// The terminal as it was before echo was turned off, where a signal handler can find it.
///
/// `nonisolated(unsafe)`: written by the one prompt at a time before the handler is installed.
nonisolated(unsafe) private var savedSettings = termios()
/// `nonisolated(unsafe)`: likewise.
nonisolated(unsafe) private var hiddenSettings = termios()
/// `nonisolated(unsafe)`: likewise.
nonisolated(unsafe) private var savedDescriptor: Int32 = -1

/// Turns a terminal's echo off, and on again, however the prompt ends.
enum SavedTerminal {
    /// Turns echo off; a signal that ends or stops the process turns it on again first.
    static func hideInput(_ descriptor: Int32) -> Bool {
        guard tcgetattr(descriptor, &savedSettings) == 0 else { return false }
        savedDescriptor = descriptor
        hiddenSettings = savedSettings
        hiddenSettings.c_lflag &= ~tcflag_t(ECHO)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            signal(number) { number in
                // Only async-signal-safe calls here: tcsetattr(3), write(2) and _exit(2) are.
                tcsetattr(savedDescriptor, TCSAFLUSH, &savedSettings)
                _ = withUnsafeBytes(of: UInt8(ascii: "\n")) {
                    write(savedDescriptor, $0.baseAddress, 1)
                }
                _exit(128 + number)
            }
        }
        signal(SIGTSTP, stop)
        return tcsetattr(descriptor, TCSAFLUSH, &hiddenSettings) == 0
    }

    /// Restores the terminal.
    static func restore() {
        tcsetattr(savedDescriptor, TCSAFLUSH, &savedSettings)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] { signal(number, SIG_DFL) }
    }
}

/// Stops the process as SIGTSTP does by itself, with echo on until it continues. Async-signal-safe
/// calls only.
private func stop(_ number: Int32) {
    let error = errno
    tcsetattr(savedDescriptor, TCSAFLUSH, &savedSettings)
    signal(SIGTSTP, SIG_DFL)
    var this = sigset_t()
    sigemptyset(&this)
    sigaddset(&this, SIGTSTP)
    // Raised while it is blocked here, it stops the process when it no longer is.
    raise(SIGTSTP)
    sigprocmask(SIG_UNBLOCK, &this, nil)
    signal(SIGTSTP, stop)
    tcsetattr(savedDescriptor, TCSAFLUSH, &hiddenSettings)
    errno = error
}
