import DispatchBridge
import Glibc
import Synchronization

/// Notices Ctrl-C and the other ways of ending a command, for one that has to clean up
/// first. A second one ends the command at once.
final class Interruption: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// The received signal; 0 for none.
    private let number = Atomic<Int32>(0)
    private let lastWords: @Sendable () -> String
    private let stream = SignalStream(Interruption.signals)

    /// From now on these signals don't end the process by themselves.
    ///
    /// - Parameters:
    ///   - notice: what to say at the first one.
    ///   - lastWords: what to say at another one; nothing when empty.
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

    /// Whether one was received.
    var isSet: Bool { number.load(ordering: .relaxed) != 0 }

    /// Restores the signals' default actions. A received one takes effect now.
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
