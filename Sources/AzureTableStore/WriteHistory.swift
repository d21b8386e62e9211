import Bytes
import Storage

/// Which writes led to an entity's state: the number of the last one, and of a few before it.
///
/// A write whose answer was lost can tell by its number whether it took effect, even when others
/// have written since. The numbers are properties of the entity (`opId`, `opLog`) that callers
/// never see; `EntityLimits` keeps room for them.
struct WriteHistory: Equatable, Sendable {
    static let currentName = "opId"
    static let earlierName = "opLog"
    /// 128 random bits in base64url.
    static let numberCharacters = 22
    /// How many earlier writes are kept: as many as can happen between a lost answer and the read
    /// that resolves it, at one write a second on one row.
    static let earlierMax = 7

    /// Empty for an entity that another program wrote.
    let current: String
    /// The latest first.
    let earlier: [String]

    var earlierText: String { earlier.joined(separator: ".") }

    /// From an entity's properties. Anything malformed counts as missing.
    init(current: String?, earlier: String?) {
        self.current = current.flatMap { WriteHistory.isNumber($0[...]) ? $0 : nil } ?? ""
        self.earlier = Array(
            (earlier ?? "").split(separator: ".").filter(WriteHistory.isNumber).map(String.init)
                .prefix(WriteHistory.earlierMax))
    }

    /// The history of an entity created by the write `number`, or of one that had `previous`.
    init(writing number: String, over previous: WriteHistory? = nil) {
        current = number
        let before = previous.map { ($0.current.isEmpty ? [] : [$0.current]) + $0.earlier } ?? []
        earlier = Array(before.prefix(WriteHistory.earlierMax))
    }

    /// Whether the write `number` is among the recorded ones.
    func contains(_ number: String) -> Bool {
        current == number || earlier.contains(number)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        text.utf8.count == numberCharacters
            && text.utf8.allSatisfy {
                PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: ".")
            }
    }
}
