import AuthCore
import Bytes
import Testing

@Suite struct TOTPCodeTests {
    @Test(arguments: ["000000", "123456", "999999"])
    func `Six ASCII digits are a valid TOTP code`(text: String) throws {
        let code = try #require(TOTPCode(SecretBytes(utf8: text)))
        #expect(code.digits == SecretBytes(utf8: text))
    }

    @Test(arguments: [
        "", "12345", "1234567", "123456\n", "123456\r\n", "\n123456", "123456 ", " 123456",
        "123 456", "123\u{0}56", "12345\u{0}", "123456\u{0}", "12345a", "-12345", "+12345",
        "0x1234", "1e5000", "１２３４５６", "٣", "١٢٣٤٥٦", "12345٣", "१२३४५६", "123456\u{200B}",
        "\u{FEFF}123456", "12345\u{0301}6",
    ])
    func `Any other text is not a valid TOTP code`(text: String) {
        #expect(TOTPCode(SecretBytes(utf8: text)) == nil)
    }

    @Test func `No byte except an ASCII digit is accepted in any position`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<6 {
                var text = Array("123456".utf8)
                text[place] = byte
                let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                #expect((TOTPCode(SecretBytes(text)) != nil) == isDigit)
            }
        }
    }
}
