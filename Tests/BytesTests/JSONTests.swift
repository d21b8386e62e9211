import Bytes
import Testing

/// What the readers of tokens and of Azure's answers have in common; their own tests attack it.
@Suite struct JSONTests {
    private func scan<Value>(
        _ text: String, _ body: (inout JSONScanner) throws -> Value
    ) throws -> Value {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            return try body(&scanner)
        }
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("-12", -12), ("999999999999999999", 999_999_999_999_999_999),
        ("1000000000000000000", nil), ("1.5", nil), ("1e3", nil), ("-1E-3", nil),
    ])
    func `A number keeps its text and has an integer value if it is an integer that fits`(
        text: String, integer: Int64?
    ) throws {
        try scan(" \(text) ") { scanner in
            let number = try scanner.number()
            #expect(number.integer == integer)
            #expect(String(decoding: number.text, as: UTF8.self) == text)
            let end = scanner.next()
            #expect(end == nil)
        }
    }

    @Test(arguments: ["", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "x"])
    func `A malformed number is refused`(text: String) {
        #expect(throws: JSONScanner.Malformed.self) { try scan(text) { try $0.number() } }
    }

    @Test func `Whitespace is skipped between tokens and refused inside them`() throws {
        try scan("\t{ \"a b\" :\r\ntrue,-1 }") { scanner in
            var taken = [scanner.take("{"), scanner.take("}")]
            let name = try scanner.string()
            taken.append(scanner.take(":"))
            let next = scanner.next()
            try scanner.expect(word: "true")
            taken.append(scanner.take(","))
            let number = try scanner.number().integer
            taken.append(scanner.take("}"))
            let end = scanner.next()
            #expect(taken == [true, false, true, true, true])
            #expect(name == "a b" && next == UInt8(ascii: "t") && number == -1 && end == nil)
        }
        for text in ["- 1", "\"\\u00 e9\"", "t rue"] {
            #expect(throws: JSONScanner.Malformed.self) {
                try scan(text) { scanner in
                    switch scanner.next() {
                    case UInt8(ascii: "t"): try scanner.expect(word: "true")
                    case UInt8(ascii: "-"): _ = try scanner.number()
                    default: _ = try scanner.string()
                    }
                }
            }
        }
    }

    @Test func `Every ASCII character survives writing and reading`() throws {
        for escapesDelete in [false, true] {
            let ascii = String(decoding: (0...0x7f).map { UInt8($0) }, as: UTF8.self)
            let plain = ascii + "é😀"
            var text: [UInt8] = []
            JSONText.append(plain, to: &text, escapesDelete: escapesDelete)
            #expect(text.contains(0x7f) != escapesDelete)
            #expect(text.allSatisfy { $0 >= 0x20 })
            let read = try scan(String(decoding: text, as: UTF8.self)) { try $0.string() }
            #expect(read == plain)
        }
    }
}
