/// Refuses texts that are small but whose tree is not: an alias can stand for what holds many
/// others, and comparing keys made of them takes longer than anybody lives.
enum CallerFileShape {
    /// A policy has four levels; with more, the error about the entry is still the better one.
    private static let depthMax = 16

    /// A list, or a mapping and whether its next node is a key.
    private enum Collection {
        case sequence
        case mapping(isAtKey: Bool)
    }

    /// Checks `text` without building anything from it. What is not YAML passes: the parser has the
    /// better words for it.
    ///
    /// - Throws: for anchors and aliases, keys that are not text, and deep nesting.
    static func check(_ text: String) throws(CallerFileProblem) {
        var text = text
        // `withUTF8` hands on only untyped errors.
        let found = text.withUTF8 { problem(YAMLEvents($0)) }
        if let found { throw found }
    }

    private static func problem(_ events: consuming YAMLEvents) -> CallerFileProblem? {
        var open: [Collection] = []
        while let event = events.next() {
            if event.kind == .alias || event.isAnchored {
                return CallerFileProblem(
                    line: event.line,
                    "has an anchor or alias; aliases are not supported: repeat the value, and put"
                        + " quotes around a text that begins with & or *")
            }
            switch event.kind {
            case .document, .alias: continue
            case .collectionEnd:
                open.removeLast()
                continue
            case .scalar, .sequenceStart, .mappingStart: break
            }
            if case .mapping(let isAtKey) = open.last {
                if isAtKey, event.kind != .scalar {
                    return CallerFileProblem(
                        line: event.line, "has a list as a key; write a plain string")
                }
                open[open.count - 1] = .mapping(isAtKey: !isAtKey)
            }
            if event.kind == .scalar { continue }
            guard open.count < depthMax else {
                return CallerFileProblem(
                    line: event.line, "nests lists more than \(depthMax) deep; write them flat")
            }
            open.append(event.kind == .sequenceStart ? .sequence : .mapping(isAtKey: true))
        }
        return nil
    }
}
