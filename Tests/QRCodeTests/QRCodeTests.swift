import Bytes
import Foundation
import TestSupport
import Testing

@testable import QRCode

@Suite struct QRCodeTests {
    static let uri =
        "otpauth://totp/authd:ada%40example.com?secret=UWS2LJNFUWS2LJNFUWS2LJNFUWS2LJNF"
        + "&issuer=authd&algorithm=SHA1&digits=6&period=30"
    static let longest = String(
        (0..<QRCode.textBytesMax).map { Character(Unicode.Scalar(UInt8(33 + $0 * 7 % 94))) })

    private func code(_ text: String) throws -> QRCode {
        try QRCode(SecretBytes(utf8: text))
    }

    @Test(arguments: [0, QRCode.textBytesMax + 1, 1_000_000])
    func `An empty text and one that is too long are refused`(count: Int) {
        #expect(throws: QRCodeError.textLengthInvalid) {
            try QRCode(SecretBytes([UInt8](repeating: 65, count: count)))
        }
    }

    @Test func `The side grows with the text, up to 89 modules`() throws {
        #expect(try code("a").side == 21)
        #expect(try code(Self.longest).side == 89)
        #expect(try code(Self.uri).side == 49)
        #expect(try QRCode(SecretBytes(utf8: Self.uri), correction: .low).side == 41)
    }

    @Test func `The three finder patterns are where they must be`() throws {
        let code = try code(Self.uri)
        let last = code.side - 7
        for (row, column) in [(0, 0), (0, last), (last, 0)] {
            for offset in 0..<7 {
                code.modules.withUnsafeBytes { modules in
                    #expect(modules[row * code.side + column + offset] == 1)
                    #expect(modules[(row + offset) * code.side + column] == 1)
                }
            }
        }
    }

    @Test func `The image is a 1-bit grayscale PNG of the size asked for`() throws {
        let code = try code(Self.uri)
        let png = try code.png(moduleSize: 3, quietZone: 2).withUnsafeBytes { Array($0) }
        #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let side = UInt32((code.side + 4) * 3)
        let bigEndian = withUnsafeBytes(of: side.bigEndian) { Array($0) }
        #expect(Array(png[16..<26]) == bigEndian + bigEndian + [1, 0])
        #expect(Array(png.suffix(8).prefix(4)) == Array("IEND".utf8))
    }

    @Test func `The largest PNG is smaller than 64 KiB`() throws {
        let png = try code(Self.longest).png(moduleSize: 16, quietZone: 16)
        #expect(png.count < 64 * 1024)
    }

    @Test func `All styles draw the same modules`() throws {
        let code = try code(Self.uri)
        for style in [QRCode.TerminalStyle.colored, .lightOnDark, .darkOnLight] {
            for quietZone in [0, 1, 4] {
                let text = code.terminalText(style: style, quietZone: quietZone)
                let picture = TerminalPicture(text, lightOnDark: style == .lightOnDark)
                #expect(picture.width == code.side + 2 * quietZone)
                code.modules.withUnsafeBytes { modules in
                    for row in 0..<code.side {
                        for column in 0..<code.side {
                            #expect(
                                picture.isDark(row + quietZone, column + quietZone)
                                    == (modules[row * code.side + column] == 1))
                        }
                    }
                }
            }
        }
    }

    @Test func `Plain styles have no escape sequences, and the colored one resets every line`()
        throws
    {
        let code = try code(Self.uri)
        #expect(!code.terminalText(style: .lightOnDark).contains("\u{1B}"))
        #expect(!code.terminalText(style: .darkOnLight).contains("\u{1B}"))
        for line in code.terminalText().split(separator: "\n") {
            #expect(line.hasPrefix("\u{1B}[38;5;16;48;5;231m"))
            #expect(line.hasSuffix("\u{1B}[0m"))
        }
    }
}
