import Logging

/// The text form of metadata, with bounded work: swift-log's own `description` writes all
/// of a list before anybody can truncate it.
extension Logger.MetadataValue {
    /// Strings as they are, lists as `[a, b]`, dictionaries as `[key: value]`. It ends soon after
    /// `bytesMax` bytes; the caller truncates it there.
    func boundedText(bytesMax: Int) -> String {
        if case .string(let text) = self { return text }
        var text = ""
        append(to: &text, bytesMax: bytesMax)
        return text
    }

    private func append(to text: inout String, bytesMax: Int) {
        guard text.utf8.count <= bytesMax else { return }
        switch self {
        case .string(let string):
            text += string
        case .stringConvertible(let value):
            text += value.description
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() where text.utf8.count <= bytesMax {
                if index > 0 { text += ", " }
                item.append(to: &text, bytesMax: bytesMax)
            }
            text += "]"
        case .dictionary(let items):
            text += "["
            for (index, key) in items.keys.sorted().enumerated()
            where text.utf8.count <= bytesMax {
                if index > 0 { text += ", " }
                text += key + ": "
                items[key]?.append(to: &text, bytesMax: bytesMax)
            }
            text += "]"
        }
    }
}
