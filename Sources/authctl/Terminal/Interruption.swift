import DispatchBridge
import Glibc
import Synchronization

/// Notices Ctrl-C and the other ways of ending a command, for one that has to put something away
/// first. Who does it twice ends the command at once.
final class Interruption: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// The signal that came; 0 for none.
    private let number = Atomic<Int32>(0)
    private let lastWords: @Sendable () -> String
    private let stream = SignalStream(Interruption.signals)

    /// From now on these signals end nothing by themselves.
    ///
    /// - Parameters:
    ///   - notice: what to say when the first comes.
    ///   - lastWords: what to say when another comes; nothing when empty.
    init(notice: String, lastWords: @escaping @Sendable () -> String) {
        self.lastWords = lastWords
        let signals = stream.signals
        Task { [weak self] in
            for await signal in signals {
                guard let self else { return }
                guard number.exchange(signal, ordering: .relaxed) == 0 else { finish() }
                StandardError.print(notice)
            }
        }
    }

    /// Whether one has come.
    var isSet: Bool { number.load(ordering: .relaxed) != 0 }

    /// The signals do again what they do by default. One that came does it now.
    func end() {
        for signal in Interruption.signals { Glibc.signal(signal, SIG_DFL) }
        let signal = number.load(ordering: .relaxed)
        guard signal != 0 else { return }
        // Tasks run on threads that take no signals.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(signal)
    }

    /// Ends the process by the signal.
    private func finish() -> Never {
        let words = lastWords()
        if !words.isEmpty { StandardError.print(words) }
        end()
        exit(ExitStatus.failed.rawValue)
    }
}
