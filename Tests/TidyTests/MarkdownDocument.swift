/// A page of documentation, by its headings.
struct MarkdownDocument {
    private let lines: [String]

    init(_ path: String) throws {
        lines = try PackageTree.file(path).lines
    }

    /// The lines below the `##` heading of that text, up to the next heading of its rank or above.
    func section(_ heading: String) -> [String] {
        guard let start = lines.firstIndex(of: "## " + heading) else { return [] }
        return Array(
            lines[(start + 1)...].prefix { !$0.hasPrefix("## ") && !$0.hasPrefix("# ") })
    }

    /// The cells of all table rows below the heading, without the head of each table.
    func rows(_ heading: String) -> [[String]] {
        var rows: [[String]] = []
        for line in section(heading) where line.hasPrefix("|") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .dropFirst().dropLast().map { $0.trimmed }
            // The ruler: what came directly before it was the head.
            if cells.allSatisfy({ $0.allSatisfy { "-:".contains($0) } && !$0.isEmpty }) {
                _ = rows.popLast()
            } else {
                rows.append(cells)
            }
        }
        return rows
    }

    /// The words that stand in backticks in `text`.
    static func code(in text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

extension StringProtocol {
    /// Without spaces at both ends.
    var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
