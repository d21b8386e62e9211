import Foundation
import Glibc

/// The draft's path, where a signal handler can find it; nil for none.
///
/// `nonisolated(unsafe)`: set by the one draft at a time before the handlers are installed, and
/// never freed, so that a handler reads a whole text or none.
nonisolated(unsafe) private var draftPath: UnsafeMutablePointer<CChar>?

/// The name that a file has until it is whole. It goes with the process: a signal that ends it
/// removes the file first.
struct DraftName {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    let path: String

    /// - Parameter final: the name that the file will have, in the same directory.
    init(of final: String) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 16)
        path = "\(final).unfinished-\(suffix)"
        draftPath = strdup(path)
        for number in DraftName.signals {
            var before = sigaction()
            // What is ignored, as by nohup, stays so.
            guard sigaction(number, nil, &before) == 0,
                unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 0
            else { continue }
            signal(number) { number in
                // Only async-signal-safe calls here: unlink(2), signal(2) and kill(2) are.
                if let path = draftPath { unlink(path) }
                signal(number, SIG_DFL)
                kill(getpid(), number)
            }
        }
    }

    /// The file at `path` has its own name, and no draft is there any more.
    func end() {
        draftPath = nil
    }
}
