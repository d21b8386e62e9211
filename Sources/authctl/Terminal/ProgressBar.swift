import Glibc

/// A line on the terminal that shows progress; nothing if there is no terminal.
final class ProgressBar {
    private static let width = 30
    /// Often enough to be seen moving.
    private static let interval: Duration = .milliseconds(100)

    private let descriptor: Int32
    private let isShown: Bool
    private let now: () -> ContinuousClock.Instant
    /// What stands there, and since when.
    private var line: (label: String, text: String, time: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - isWanted: false where other output is for a program.
    ///   - descriptor: of the terminal.
    ///   - terminalType: what TERM says.
    ///   - now: the time.
    init(
        isWanted: Bool, descriptor: Int32 = STDERR_FILENO,
        terminalType: String? = getenv("TERM").map { String(cString: $0) },
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.descriptor = descriptor
        self.now = now
        isShown = isWanted && isatty(descriptor) == 1 && (terminalType ?? "dumb") != "dumb"
    }

    /// Shows `label`, and how much of `total` is done, if that is known.
    func show(_ label: String, _ count: Int, of total: Int?) {
        let share = total.map { $0 > 0 ? Double(count) / Double($0) : 1 }
        show(label, share: share, total.map { "\(count)/\($0)" } ?? "\(count)")
    }

    /// Shows `label`, which share is done where that is known, and `detail`. What has the label of
    /// before is passed over while that is new.
    func show(_ label: String, share: Double?, _ detail: @autoclosure () -> String) {
        guard isShown else { return }
        let time = now()
        if let line, line.label == label, time - line.time < ProgressBar.interval { return }
        let text = ProgressBar.text(label, share, detail())
        guard text != line?.text else { return }
        line = (label, text, time)
        Descriptor.show("\r\u{1B}[K" + text, on: descriptor)
    }

    /// Removes the line.
    func clear() {
        guard line != nil else { return }
        line = nil
        Descriptor.show("\r\u{1B}[K", on: descriptor)
    }

    /// `copying [#####.........]  16% 16/100`
    private static func text(_ label: String, _ share: Double?, _ detail: String) -> String {
        guard let share = share.map({ min(1, $0) }) else { return "\(label) \(detail)" }
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: width - filled)
        let percent = String(Int(share * 100))
        let padding = String(repeating: " ", count: 3 - percent.count)
        return "\(label) [\(bar)] \(padding)\(percent)% \(detail)"
    }
}
