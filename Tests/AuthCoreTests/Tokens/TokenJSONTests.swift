import Testing

@testable import AuthCore

@Suite struct TokenJSONTests {
    private func members(_ text: String) throws -> [String: TokenJSON] {
        let list = try Array(text.utf8).withUnsafeBytes { try TokenJSONReader.members(of: $0) }
        return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.value) })
    }

    @Test func `JSON values of every type are parsed`() throws {
        let json = #"""
             {"s":"a\"\\\/\b\f\n\r\té😀é😀", "i": -12, "z":0,
             "t":true,"f":false,"n":null,"d":1.5e3,"a":["x","y"],"e":[],"m":[1,"x"],
             "o":{"p":{"q":[]}},"big":9999999999999999999}
            """#
        let members = try members(json)
        #expect(members["s"] == .string("a\"\\/\u{8}\u{c}\n\r\té😀é😀"))
        #expect(members["i"] == .integer(-12))
        #expect(members["z"] == .integer(0))
        #expect(members["t"] == .other)
        #expect(members["f"] == .other)
        #expect(members["n"] == .other)
        #expect(members["d"] == .other)
        #expect(members["a"] == .strings(["x", "y"]))
        #expect(members["e"] == .strings([]))
        #expect(members["m"] == .other)
        #expect(members["o"] == .other)
        #expect(members["big"] == .other)
        #expect(try self.members("{}").isEmpty)
    }

    @Test(arguments: [
        "", "{", "}", "[]", "\"a\"", "{}x", "{} {}", #"{"a":1,}"#, #"{"a" 1}"#, #"{a:1}"#,
        #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":-}"#,
        #"{"a":tru}"#, #"{"a":nul"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\ud800"}"#,
        #"{"a":"\ud800A"}"#, #"{"a":"\udc00"}"#, "{\"a\":\"\n\"}", "{\"a\":\"\u{0}\"}",
        #"{"a":1,"a":2}"#, #"{"a":1,"a":1}"#, #"{"a":{"b":1,"b":2}}"#,
        #"{"a":[[[["x"]]]]}"#, #"{"a":{"a":{"a":{"a":{}}}}}"#, #"{"a":'x'}"#, #"{"a":NaN}"#,
        #"{/**/"a":1}"#, "\u{feff}{}", #"{"a":1"#, #"{"a""#, #"{"a":[1"#,
    ])
    func `Input that is not strict JSON or repeats a member name is refused`(json: String) {
        #expect(throws: TokenJSONReader.Malformed.self) { try members(json) }
    }

    @Test func `Invalid UTF-8 is refused`() {
        let json: [UInt8] = Array(#"{"a":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8)
        #expect(throws: TokenJSONReader.Malformed.self) {
            try json.withUnsafeBytes { _ = try TokenJSONReader.members(of: $0) }
        }
    }

    @Test func `Changing any byte never crashes the reader, and truncated input is refused`() {
        let json = Array(#"{"s":"aé\"","i":-12,"a":["x",1,null,true],"o":{"p":1}}"#.utf8)
        for index in json.indices {
            for value in UInt8.min...UInt8.max {
                var damaged = json
                damaged[index] = value
                _ = damaged.withUnsafeBytes { try? TokenJSONReader.members(of: $0) }
            }
            _ = Array(json[..<index]).withUnsafeBytes { cut in
                #expect(throws: TokenJSONReader.Malformed.self) {
                    try TokenJSONReader.members(of: cut)
                }
            }
        }
    }

    @Test func `Written JSON parses back to the same values`() throws {
        var json = TokenJSONWriter()
        json.member("a_b", "x\\y\u{1}\n☃")
        json.member("n", 42)
        json.member("l", ["p", "q\""])
        let text = String(decoding: json.finished(), as: UTF8.self)
        let members = try members(text)
        #expect(members["a_b"] == .string("x\\y\u{1}\n☃"))
        #expect(members["n"] == .integer(42))
        #expect(members["l"] == .strings(["p", "q\""]))
    }
}
