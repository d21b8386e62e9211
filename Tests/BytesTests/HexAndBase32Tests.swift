import Bytes
import Testing

@Suite struct HexAndBase32Tests {
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
    func `The base 32 vectors of RFC 4648 hold`(plain: String, text: String) {
        #expect(Base32.encode(Array(plain.utf8)) == text)
        #expect(Base32.decode(text) == Array(plain.utf8))
        #expect(Base32.decode(text.lowercased()) == Array(plain.utf8))
    }

    @Test(arguments: ["M", "MZX", "MZXW6Y", "MZ", "MZXW1", "MZXW6YT8", "MZ XW"])
    func `Base 32 that no encoder makes is refused`(text: String) {
        #expect(Base32.decode(text) == nil)
    }

    @Test func `Base 32 of secrets is the same as of bytes`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ count) }
            let text = Base32.encode(bytes)
            #expect(Base32.encode(SecretBytes(bytes)) == SecretBytes(utf8: text))
            #expect(Base32.decode(SecretBytes(utf8: text)) == SecretBytes(bytes))
            #expect(
                Base32.decode(SecretBytes(utf8: text.lowercased() + "==")) == SecretBytes(bytes))
        }
    }

    @Test(arguments: ["M", "MZX", "MZXW6Y", "MZ", "MZXW1", "MZXW6YT8", "MZ XW", "MY\n", "é"])
    func `Base 32 of a secret that no encoder makes is refused`(text: String) {
        #expect(Base32.decode(SecretBytes(utf8: text)) == nil)
    }

    @Test func `Hexadecimal is lower case and read in either case`() {
        #expect(Hex.encode([0, 0x9f, 0xff]) == "009fff")
        #expect(Hex.decode("009fFF") == [0, 0x9f, 0xff])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
    }
}
