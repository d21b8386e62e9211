/// What a terminal shows of lines drawn with half blocks: two modules in each character.
package struct TerminalPicture {
    /// Modules across.
    package let width: Int
    /// Modules down.
    package let height: Int
    private let dark: [Bool]

    /// - Parameters:
    ///   - text: lines, maybe with escape sequences that end in `m`.
    ///   - lightOnDark: whether what is drawn is light.
    package init(_ text: String, lightOnDark: Bool) {
        let lines = text.split(separator: "\n").map(TerminalPicture.visible)
        width = lines.first?.count ?? 0
        height = lines.count * 2
        var dark: [Bool] = []
        for line in lines {
            dark += line.map { ($0 == "█" || $0 == "▀") != lightOnDark }
            dark += line.map { ($0 == "█" || $0 == "▄") != lightOnDark }
        }
        self.dark = dark
    }

    /// Whether the module of this row and column is dark.
    package func isDark(_ row: Int, _ column: Int) -> Bool {
        dark[row * width + column]
    }

    /// The picture as a binary portable graymap (netpbm's PGM), which knows nothing of our PNG.
    ///
    /// - Parameter modulePixels: pixels a side of a module.
    /// - Returns: the file.
    package func graymap(modulePixels: Int) -> [UInt8] {
        var bytes = Array("P5 \(width * modulePixels) \(height * modulePixels) 255\n".utf8)
        for row in 0..<height * modulePixels {
            for column in 0..<width * modulePixels {
                bytes.append(isDark(row / modulePixels, column / modulePixels) ? 0 : 255)
            }
        }
        return bytes
    }

    private static func visible(_ line: Substring) -> [Character] {
        var characters: [Character] = []
        var isEscape = false
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if !isEscape { characters.append(character) }
            if character == "m" { isEscape = false }
        }
        return characters
    }
}
