import Bytes

/// Reads one JSON text (RFC 8259): what the table service and the token services answer.
///
/// Strict where a lenient reader could see another value than the sender meant: repeated names,
/// text after the value and nesting beyond `depthMax` are refused, as is what `JSONScanner`
/// refuses.
struct JSONReader {
    /// Real answers nest four deep (`odata.error`, `message`, `value`); no service sends more.
    static let depthMax = 16
    /// The table service allows names of 255 characters, and adds an annotation.
    private static let nameBytesMax = 1024

    /// The text is not JSON.
    typealias Malformed = JSONScanner.Malformed

    private var scanner: JSONScanner

    private init(_ scanner: JSONScanner) {
        self.scanner = scanner
    }

    /// The value that `bytes` hold; a byte order mark before it is skipped.
    ///
    /// - Throws: `Malformed`.
    static func value(of bytes: [UInt8]) throws(Malformed) -> JSONValue {
        let markCount = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(Malformed) in
                var reader = JSONReader(
                    JSONScanner(UnsafeRawBufferPointer(rebasing: bytes[markCount...])))
                let value = try reader.value(depth: 0)
                guard reader.scanner.next() == nil else { throw Malformed() }
                return value
            }
        }
        return try result.get()
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < JSONReader.depthMax else { throw Malformed() }
        switch scanner.next() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try scanner.string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        var members: [String: JSONValue] = [:]
        guard scanner.take("{") else { throw Malformed() }
        if scanner.take("}") { return .object(members) }
        repeat {
            let name = try scanner.string()
            // Hashing text takes long where it has many combining marks.
            guard name.utf8.count <= JSONReader.nameBytesMax, scanner.take(":"),
                members[name] == nil
            else { throw Malformed() }
            members[name] = try value(depth: depth + 1)
        } while scanner.take(",")
        guard scanner.take("}") else { throw Malformed() }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        var elements: [JSONValue] = []
        guard scanner.take("[") else { throw Malformed() }
        if scanner.take("]") { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while scanner.take(",")
        guard scanner.take("]") else { throw Malformed() }
        return .array(elements)
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(Malformed) -> JSONValue {
        try scanner.expect(word: word)
        return value
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        .number(String(decoding: try scanner.number().text, as: UTF8.self))
    }
}
