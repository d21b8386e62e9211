/// Reads the parts of a JSON text (RFC 8259), strictly, and skips the space before each. What they
/// form, how deep they nest, and what may be repeated is up to the readers that use it.
///
/// Refused, although lenient readers accept them: invalid UTF-8, control characters and lone
/// surrogates in strings, and leading zeros.
package struct JSONScanner {
    /// The text is not JSON.
    package struct Malformed: Error {
        package init() {}
    }

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    /// - Parameter bytes: the text, which must outlive the scanner.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            default: return
            }
        }
    }

    /// The first byte of what is next; nil at the end.
    package mutating func next() -> UInt8? {
        skipSpace()
        return index < bytes.count ? bytes[index] : nil
    }

    /// Goes past `character` if it is next, and says whether it was.
    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return takeHere(character)
    }

    private mutating func takeHere(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// Goes past `true`, `false` or `null`.
    ///
    /// - Throws: `Malformed` when something else is next.
    package mutating func expect(word: StaticString) throws(Malformed) {
        skipSpace()
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < bytes.count, bytes[index] == word.utf8Start[offset] else {
                throw Malformed()
            }
            index += 1
        }
    }

    // MARK: - Numbers

    /// Reads a number.
    ///
    /// - Throws: `Malformed` when none is next.
    package mutating func number() throws(Malformed) -> JSONNumber {
        skipSpace()
        let start = index
        let isNegative = takeHere("-")
        let first = index
        let digits = try digitCount()
        guard digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw Malformed() }
        var isInteger = digits <= JSONNumber.digitsMax
        if takeHere(".") {
            _ = try digitCount()
            isInteger = false
        }
        if takeHere("e") || takeHere("E") {
            _ = takeHere("+") || takeHere("-")
            _ = try digitCount()
            isInteger = false
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
        guard isInteger else { return JSONNumber(text: text, integer: nil) }
        var value: Int64 = 0
        for place in first..<first + digits {
            value = value * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
        }
        return JSONNumber(text: text, integer: isNegative ? -value : value)
    }

    private mutating func digitCount() throws(Malformed) -> Int {
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        guard index > start else { throw Malformed() }
        return index - start
    }

    // MARK: - Strings

    /// Reads a string.
    ///
    /// - Throws: `Malformed` when none is next.
    package mutating func string() throws(Malformed) -> String {
        guard take("\"") else { throw Malformed() }
        let start = index
        // Not `index`: this one can stay in a register.
        var end = start
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                let utf8 = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                guard let text = UTF8Validation.text(utf8) else { throw Malformed() }
                index = end + 1
                return text
            case UInt8(ascii: "\\"):
                index = end
                return try escapedString(from: start)
            case 0..<0x20: throw Malformed()
            default: end += 1
            }
        }
        throw Malformed()
    }

    /// The rest of a string in which an escape was found; `start` is after the opening quote.
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

    /// A `\uXXXX`, or two of them that form a surrogate pair.
    private mutating func escapedScalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
        guard (0xd800..<0xdc00).contains(unit) else { throw Malformed() }
        guard takeHere("\\"), takeHere("u") else { throw Malformed() }
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
}
