import ArgumentParser
import AuthClient
import Bytes
import Foundation
import QRCode

/// How `mfa setup` draws a QR code with characters.
enum QRDrawing: String, CaseIterable, ExpressibleByArgument {
    /// In color on a terminal that has colors, plainly on another one, and not at all elsewhere.
    case auto
    /// Black on white, whatever colors the terminal has.
    case color
    /// Without escape sequences, for light text on a dark background.
    case lightOnDark = "light-on-dark"
    /// Without escape sequences, for dark text on a light background.
    case darkOnLight = "dark-on-light"
    /// Not at all.
    case none

    /// A code as it is shown.
    struct Drawn {
        /// Lines, each with a line feed; nil when there is none.
        var text: String?
        /// Characters in each line.
        var width = 0
        /// For the user, when the screen is too small; lines.
        var note: [String]?
    }

    /// Borders in modules, best first: readers should get 4, and most manage with 2.
    private static let quietZones = [QRCode.quietZone, 2]

    /// Draws `uri`, with the widest border that leaves a line for the prompt.
    ///
    /// A screen is not stained or torn, so the lowest error correction will do; it makes a code
    /// that usually fits a terminal of 24 lines.
    ///
    /// - Throws: `Failure` when the code can't be created.
    func draw(_ uri: Secret, on screen: borrowing Screen) throws(Failure) -> Drawn {
        guard let style = style(on: screen) else { return Drawn() }
        let code: QRCode
        do {
            code = try QRCode(
                uri.withUnsafeBytes { SecretBytes(copying: $0) }, correction: .low)
        } catch {
            throw Failure(.failed, "QR_CODE", "the QR code can't be drawn: \(error)")
        }
        guard let size = screen.size else {
            return Drawn(
                text: code.terminalText(style: style), width: code.side + 2 * QRCode.quietZone)
        }
        let fits = QRDrawing.quietZones.first { zone in
            let side = code.side + 2 * zone
            return side <= size.columns && (side + 1) / 2 < size.rows
        }
        let zone = fits ?? 2
        let side = code.side + 2 * zone
        guard side <= size.columns else {
            return Drawn(note: QRDrawing.note("The QR code needs \(side) columns."))
        }
        let rows = (side + 1) / 2 + 1
        return Drawn(
            text: code.terminalText(style: style, quietZone: zone), width: side,
            note: fits == nil ? QRDrawing.note("The QR code needs \(rows) lines.") : nil)
    }

    private static func note(_ need: String) -> [String] {
        ["This terminal is too small.", need, "Use a larger one, or --png."]
    }

    private func style(on screen: borrowing Screen) -> QRCode.TerminalStyle? {
        switch self {
        case .none: return nil
        case .color: return .colored
        case .lightOnDark: return .lightOnDark
        case .darkOnLight: return .darkOnLight
        case .auto:
            guard screen.isTerminal else { return nil }
            let environment = ProcessInfo.processInfo.environment
            let isPlain = ["", "dumb"].contains(environment["TERM"] ?? "")
            // no-color.org: set and not empty.
            let isUnwanted = !(environment["NO_COLOR"] ?? "").isEmpty
            return isPlain || isUnwanted ? .lightOnDark : .colored
        }
    }
}
