import Glibc

/// A line on the terminal that shows progress; nothing if there is no terminal.
final class ProgressBar {
    private static let width = 30

    private let isShown: Bool
    private var line = ""

    /// - Parameter isWanted: false if the other output is for a program.
    init(isWanted: Bool) {
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        isShown = isWanted && isatty(STDERR_FILENO) == 1 && !isDumb
    }

    /// Shows `label`, and how much of `total` is done, if that is known.
    func show(_ label: String, _ count: Int, of total: Int?) {
        guard isShown else { return }
        let text = ProgressBar.text(label, count, of: total)
        guard text != line else { return }
        line = text
        write("\r\u{1B}[K" + text)
    }

    /// Removes the line.
    func clear() {
        guard isShown, !line.isEmpty else { return }
        line = ""
        write("\r\u{1B}[K")
    }

    /// `copying [#####.........]  16% 16/100`
    static func text(_ label: String, _ count: Int, of total: Int?) -> String {
        guard let total else { return "\(label) \(count)" }
        let share = total > 0 ? min(1, Double(count) / Double(total)) : 1
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: width - filled)
        let percent = String(Int(share * 100))
        let padding = String(repeating: " ", count: 3 - percent.count)
        return "\(label) [\(bar)] \(padding)\(percent)% \(count)/\(total)"
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
