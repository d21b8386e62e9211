import Foundation
import Glibc

/// One line on the terminal that shows the progress of a long command; nothing if there is no
/// terminal.
struct ProgressLine {
    /// Often enough to be seen moving.
    private static let interval: Duration = .milliseconds(100)
    private static let barWidth = 24

    private let isShown: Bool
    private let size: Int?
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?

    /// - Parameters:
    ///   - size: of the whole work, in the unit of `position`; nil if unknown.
    ///   - isWanted: false keeps it quiet.
    init(size: Int?, isWanted: Bool) {
        self.size = size
        isShown = isWanted && isatty(STDERR_FILENO) == 1
    }

    /// Shows the progress of an import.
    mutating func show(_ totals: Importer.Totals, position: Int) {
        let now = ContinuousClock.now
        guard isShown, lastShown.map({ now - $0 >= ProgressLine.interval }) ?? true else { return }
        lastShown = now
        let seconds = max((now - start) / .seconds(1), 0.001)
        var text = ""
        if let size, size > 0 {
            let share = min(1, Double(position) / Double(size))
            let filled = Int(share * Double(ProgressLine.barWidth))
            text += "[" + String(repeating: "#", count: filled)
            text += String(repeating: ".", count: ProgressLine.barWidth - filled)
            text += String(format: "] %3.0f %%  ", share * 100)
        }
        text += "\(totals.lines) lines, \(totals.refused) refused, "
        text += String(format: "%.0f/s", Double(totals.lines) / seconds)
        put("\r" + text + "\u{1b}[K")
    }

    /// Removes the line.
    mutating func clear() {
        guard isShown, lastShown != nil else { return }
        put("\r\u{1b}[K")
    }

    private func put(_ text: String) {
        var text = text
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
