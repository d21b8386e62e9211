import Yams

/// An error in a policy file, with its line, for people.
struct CallerFileProblem: Error, CustomStringConvertible {
    let line: Int
    let phrase: String

    var description: String { "line \(line) \(phrase)" }

    init(line: Int, _ phrase: String) {
        self.line = line
        self.phrase = phrase
    }

    init(_ node: Node, _ phrase: String) {
        self.init(line: node.mark?.line ?? 1, phrase)
    }

    /// The library's message, without the excerpts of the file that it can add.
    init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(line: mark.line, "is not YAML: \(LineText.plain(problem))")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { LineText.quoted($0, bytesMax: 100) }
            self.init(
                line: context.mark.line,
                "begins an entry that has \(names.joined(separator: ", ")) twice")
        default: self.init(line: 1, "or a later one is not YAML")
        }
    }
}
