import Bytes
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `The vectors of RFC 4648 section 10 hold`(plain: String, text: String) {
        #expect(Base64.standard.encode(Array(plain.utf8)) == text)
        #expect(Base64.standard.decode(text) == Array(plain.utf8))
        let unpadded = text.filter { $0 != "=" }
        #expect(Base64.url.encode(Array(plain.utf8)) == unpadded)
        #expect(Base64.url.decode(unpadded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zh", "Zg=", "Zg==", "Z", "Zm9v Yg", "Zm9v\n", "Zm9vYm+", "Zm9vYm/", "Zm9é"])
    func `Unpadded Base64 that no encoder produces is refused`(text: String) {
        #expect(Base64.url.decode(text) == nil)
    }

    @Test(arguments: ["Zg", "Zh==", "Zg===", "Zg=v", "====", "Z===", "Zm9v-A=="])
    func `Padded Base64 that no encoder produces is refused`(text: String) {
        #expect(Base64.standard.decode(text) == nil)
    }

    @Test func `Of all two-character endings exactly those that an encoder produces are decoded`() {
        var decoded = 0
        for pair in 0..<65536 {
            for start in [[], Array("Zm9v".utf8)] {
                let text = start + [UInt8(pair >> 8), UInt8(pair & 255)]
                guard let bytes = text.withUnsafeBytes({ Base64.url.decode($0) }) else { continue }
                decoded += 1
                #expect(Array(Base64.url.encode(bytes).utf8) == text)
            }
        }
        #expect(decoded == 2 * 256)
    }

    @Test func `One invalid character at any position is refused`() {
        let good = Array(Base64.url.encode((0..<32).map { UInt8($0) &* 7 }).utf8)
        #expect(good.count == 43)
        for index in good.indices {
            for bad: UInt8 in [0, 10, 43, 47, 61, 127, 128, 255] {
                var text = good
                text[index] = bad
                #expect(text.withUnsafeBytes { Base64.url.decode($0) } == nil)
            }
        }
    }

    @Test func `All byte values survive a round trip in both alphabets`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.url.decode(Base64.url.encode(bytes)) == bytes)
            #expect(Base64.standard.decode(Base64.standard.encode(bytes)) == bytes)
        }
    }
}
