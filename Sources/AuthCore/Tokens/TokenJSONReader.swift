import Bytes

/// Reads one JSON object strictly (RFC 8259), as RFC 8725 §2 and RFC 7519 §4 ask of tokens.
///
/// Refused, where lenient readers let them pass: a name that stands twice, anything behind the
/// object, invalid UTF-8, control characters and lone surrogates in strings, leading zeros, and
/// nesting deeper than `depthMax`. Foundation's reader takes the last of two equal names without a
/// word, so that two readers of one token could see two users.
struct TokenJSONReader {
    /// Claims of ours nest once; four leaves room for those of others.
    private static let depthMax = 4
    /// More members than any token of ours has.
    private static let membersMax = 64
    /// An access token's claims: their list need not grow.
    private static let usualMemberCount = 10

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    /// Why the text was refused; of use to nobody but the log.
    struct Malformed: Error {}

    /// The members of the object that `bytes` hold, in their order.
    ///
    /// - Throws: `Malformed`.
    static func members(
        of bytes: UnsafeRawBufferPointer
    ) throws(Malformed) -> [(name: String, value: TokenJSON)] {
        var reader = TokenJSONReader(bytes: bytes)
        reader.skipSpace()
        let members = try reader.object(depth: 1)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw Malformed() }
        return members
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func object(
        depth: Int
    ) throws(Malformed) -> [(name: String, value: TokenJSON)] {
        guard depth <= TokenJSONReader.depthMax else { throw Malformed() }
        try expect("{")
        skipSpace()
        var members: [(name: String, value: TokenJSON)] = []
        if take("}") { return members }
        members.reserveCapacity(TokenJSONReader.usualMemberCount)
        while true {
            let name = try string()
            guard members.count < TokenJSONReader.membersMax,
                !members.contains(where: { $0.name == name })
            else { throw Malformed() }
            skipSpace()
            try expect(":")
            skipSpace()
            members.append((name, try value(depth: depth)))
            skipSpace()
            if take("}") { return members }
            try expect(",")
            skipSpace()
        }
    }

    private mutating func value(depth: Int) throws(Malformed) -> TokenJSON {
        guard index < bytes.count else { throw Malformed() }
        switch bytes[index] {
        case UInt8(ascii: "\""): return .string(try string())
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
        try expect("[")
        skipSpace()
        var strings: [String] = []
        var onlyStrings = true
        if take("]") { return .strings([]) }
        while true {
            if case .string(let text) = try value(depth: depth) {
                strings.append(text)
            } else {
                onlyStrings = false
            }
            skipSpace()
            if take("]") { return onlyStrings ? .strings(strings) : .other }
            try expect(",")
            skipSpace()
        }
    }

    private mutating func other(_ word: StaticString) throws(Malformed) -> TokenJSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < bytes.count, bytes[index] == word.utf8Start[offset] else {
                throw Malformed()
            }
            index += 1
        }
        return .other
    }

    /// An integer that fits, or `.other` for one that doesn't and for fractions.
    private mutating func number() throws(Malformed) -> TokenJSON {
        let start = index
        let negative = take("-")
        let digits = try digitCount()
        let first = start + (negative ? 1 : 0)
        guard digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw Malformed() }
        var isInteger = true
        if take(".") {
            _ = try digitCount()
            isInteger = false
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            _ = try digitCount()
            isInteger = false
        }
        guard isInteger, digits <= 18 else { return .other }
        var value: Int64 = 0
        for place in first..<first + digits {
            value = value * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
        }
        return .integer(negative ? -value : value)
    }

    private mutating func digitCount() throws(Malformed) -> Int {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        guard index > start else { throw Malformed() }
        return index - start
    }

    private mutating func string() throws(Malformed) -> String {
        try expect("\"")
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let utf8 = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
                guard let text = UTF8Validation.text(utf8) else { throw Malformed() }
                index += 1
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            case 0..<0x20: throw Malformed()
            default: index += 1
            }
        }
        throw Malformed()
    }

    /// The rest of a string in which an escape was met; `start` is behind the opening quote.
    private mutating func escapedString(from start: Int) throws(Malformed) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = text.withUnsafeBytes({ UTF8Validation.text($0) }) else {
                    throw Malformed()
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0..<0x20: throw Malformed()
            default: text.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape() throws(Malformed) -> [UInt8] {
        guard index < bytes.count else { throw Malformed() }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try escapedScalar()).utf8)
        default: throw Malformed()
        }
    }

    /// A `\uXXXX`, or two of them that make a surrogate pair.
    private mutating func escapedScalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
        guard (0xd800..<0xdc00).contains(unit) else { throw Malformed() }
        try expect("\\")
        try expect("u")
        let low = try hexUnit()
        guard (0xdc00..<0xe000).contains(low),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
        else { throw Malformed() }
        return scalar
    }

    private mutating func hexUnit() throws(Malformed) -> UInt16 {
        guard bytes.count - index >= 4 else { throw Malformed() }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw Malformed()
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func skipSpace() {
        while index < bytes.count, isSpace(bytes[index]) {
            index += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Malformed) {
        guard take(character) else { throw Malformed() }
    }
}
