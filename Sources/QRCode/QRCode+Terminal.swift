import Bytes

extension QRCode {
    /// How a code is drawn with characters.
    package enum TerminalStyle: Sendable {
        /// Black on white by escape sequences (ECMA-48 §8.3.117, 256 colors), whatever colors
        /// the terminal has. For terminals.
        case colored
        /// Without escape sequences, for light text on a dark background: the light modules are
        /// drawn.
        case lightOnDark
        /// Without escape sequences, for dark text on a light background: the dark modules are
        /// drawn.
        case darkOnLight
    }

    /// The code as lines of text, two rows of modules in each, drawn with `▀`, `▄`, `█` and space.
    ///
    /// - Parameters:
    ///   - style: whose colors are used.
    ///   - quietZone: the border in modules, in `quietZones`. A code whose height is odd gets one
    ///     row more below.
    /// - Returns: lines of `side + 2 * quietZone` characters, each with a line feed.
    package func terminalText(
        style: TerminalStyle = .colored, quietZone: Int = QRCode.quietZone
    ) -> String {
        precondition(QRCode.quietZones.contains(quietZone), "no such quiet zone")
        let range = -quietZone..<side + quietZone
        return modules.withUnsafeBytes { modules in
            var text = ""
            for upper in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
                text += style == .colored ? QRCode.blackOnWhite : ""
                for column in range {
                    text += QRCode.character(
                        upper: isDark(upper, column, modules) != (style == .lightOnDark),
                        lower: isDark(upper + 1, column, modules) != (style == .lightOnDark))
                }
                text += style == .colored ? QRCode.reset + "\n" : "\n"
            }
            return text
        }
    }

    /// Colors 16 and 231 are black and white in all palettes; 0 to 15 are the user's to choose.
    private static let blackOnWhite = "\u{1B}[38;5;16;48;5;231m"
    /// Reset at the end of each line, or the rest of the line would be white too.
    private static let reset = "\u{1B}[0m"

    private static func character(upper: Bool, lower: Bool) -> String {
        switch (upper, lower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }

    private func isDark(_ row: Int, _ column: Int, _ modules: UnsafeRawBufferPointer) -> Bool {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return false }
        return modules[row * side + column] == 1
    }
}
