import Bytes

/// Reads one JSON object strictly (RFC 8259), as RFC 8725 §2 and RFC 7519 §4 require of tokens.
///
/// Refused, although lenient readers accept them: repeated names, anything after the object,
/// nesting deeper than `depthMax`, and what `JSONScanner` refuses. Foundation's reader silently
/// takes the last of two equal names, so that two readers of one token could see two users.
struct TokenJSONReader {
    /// Our claims nest once; four leaves room for others.
    private static let depthMax = 4
    /// More members than any token of ours has.
    private static let membersMax = 64
    /// An access token's claims: their list need not grow.
    private static let usualMemberCount = 10

    private var scanner: JSONScanner

    /// Why the text was refused; only useful for the log.
    typealias Malformed = JSONScanner.Malformed

    /// The members of the object that `bytes` hold, in order.
    ///
    /// - Throws: `Malformed`.
    static func members(
        of bytes: UnsafeRawBufferPointer
    ) throws(Malformed) -> [(name: String, value: TokenJSON)] {
        var reader = TokenJSONReader(scanner: JSONScanner(bytes))
        let members = try reader.object(depth: 1)
        guard reader.scanner.next() == nil else { throw Malformed() }
        return members
    }

    private init(scanner: JSONScanner) {
        self.scanner = scanner
    }

    private mutating func object(
        depth: Int
    ) throws(Malformed) -> [(name: String, value: TokenJSON)] {
        guard depth <= TokenJSONReader.depthMax else { throw Malformed() }
        guard scanner.take("{") else { throw Malformed() }
        var members: [(name: String, value: TokenJSON)] = []
        if scanner.take("}") { return members }
        members.reserveCapacity(TokenJSONReader.usualMemberCount)
        while true {
            let name = try scanner.string()
            let isRepeated = members.contains { $0.name.utf8.elementsEqual(name.utf8) }
            guard members.count < TokenJSONReader.membersMax, !isRepeated, scanner.take(":")
            else { throw Malformed() }
            members.append((name, try value(depth: depth)))
            if scanner.take("}") { return members }
            guard scanner.take(",") else { throw Malformed() }
        }
    }

    private mutating func value(depth: Int) throws(Malformed) -> TokenJSON {
        guard let first = scanner.next() else { throw Malformed() }
        switch first {
        case UInt8(ascii: "\""): return .string(try scanner.string())
        case UInt8(ascii: "{"):
            _ = try object(depth: depth + 1)
            return .other
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "t"): return try other("true")
        case UInt8(ascii: "f"): return try other("false")
        case UInt8(ascii: "n"): return try other("null")
        default: return try number()
        }
    }

    private mutating func array(depth: Int) throws(Malformed) -> TokenJSON {
        guard depth <= TokenJSONReader.depthMax else { throw Malformed() }
        guard scanner.take("[") else { throw Malformed() }
        var strings: [String] = []
        var onlyStrings = true
        if scanner.take("]") { return .strings([]) }
        while true {
            if case .string(let text) = try value(depth: depth) {
                strings.append(text)
            } else {
                onlyStrings = false
            }
            if scanner.take("]") { return onlyStrings ? .strings(strings) : .other }
            guard scanner.take(",") else { throw Malformed() }
        }
    }

    private mutating func other(_ word: StaticString) throws(Malformed) -> TokenJSON {
        try scanner.expect(word: word)
        return .other
    }

    /// An integer that fits, or `.other` for one that doesn't and for fractions.
    private mutating func number() throws(Malformed) -> TokenJSON {
        try scanner.number().integer.map { .integer($0) } ?? .other
    }
}
