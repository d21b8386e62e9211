/// The command line parser's complaint, without the arguments: a secret given as an argument would
/// otherwise end up in the logs of whoever ran the command.
enum UsageText {
    /// Added when there was an argument that no command takes.
    static let advice =
        "secrets are never an argument: use --password-stdin, --token-file or standard input"

    /// - Parameters:
    ///   - message: the parser's, which quotes arguments.
    ///   - arguments: those of the process.
    /// - Returns: the message with `'…'` for each argument that is not the name of an option.
    static func text(_ message: String, arguments: some Sequence<String>) -> String {
        var text = message
        // The longest first: a part of a word must not hide the word.
        for word in arguments.flatMap(words).sorted(by: { $0.utf8.count > $1.utf8.count }) {
            text = text.replacing("'\(word)'", with: "'…'")
        }
        guard text != message, !text.contains("is invalid for") else { return text }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines.insert("  \(advice)", at: 1)
        return lines.joined(separator: "\n")
    }

    /// What the parser may quote from one argument, except names of options.
    private static func words(_ argument: String) -> [String] {
        let parts = argument.split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false
        ).map(String.init)
        let isAssignment = argument.hasPrefix("-") && parts.count == 2
        return ([argument] + (isAssignment ? parts : [])).filter {
            !$0.isEmpty && !isOptionName($0)
        }
    }

    /// `-y`, `--password-stdin`.
    private static func isOptionName(_ text: String) -> Bool {
        if text.hasPrefix("--") {
            return text.utf8.dropFirst(2).allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2d }
        }
        return text.hasPrefix("-") && text.utf8.count <= 2
    }
}
