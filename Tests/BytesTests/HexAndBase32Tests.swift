import Bytes
import Testing

@Suite struct HexAndBase32Tests {
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
    func `The base 32 vectors of RFC 4648 hold`(plain: String, text: String) {
        let secret = SecretBytes(utf8: plain)
        #expect(Base32.encode(secret) == SecretBytes(utf8: text))
        #expect(Base32.decode(SecretBytes(utf8: text)) == secret)
        #expect(Base32.decode(SecretBytes(utf8: text.lowercased())) == secret)
    }

    @Test func `Base32 in lower case encodes and decodes the same bytes as in upper case`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ count) }
            let text = bytes.withUnsafeBytes { Base32.encodeLowercased($0) }.uppercased()
            #expect(Base32.encode(SecretBytes(bytes)) == SecretBytes(utf8: text))
            #expect(Base32.decode(SecretBytes(utf8: text)) == SecretBytes(bytes))
            #expect(
                Base32.decode(SecretBytes(utf8: text.lowercased() + "==")) == SecretBytes(bytes))
        }
    }

    @Test(arguments: ["M", "MZX", "MZXW6Y", "MZ", "MZXW1", "MZXW6YT8", "MZ XW", "MY\n", "é"])
    func `Base32 that no encoder produces is refused`(text: String) {
        #expect(Base32.decode(SecretBytes(utf8: text)) == nil)
    }

    @Test func `Hexadecimal is encoded in lower case and decoded in either case`() {
        #expect(Hex.encode([0, 0x9f, 0xff]) == "009fff")
        #expect(Hex.decode("009fFF") == [0, 0x9f, 0xff])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
    }
}
