import Bytes
import QRCode
import TestSupport
import Testing

/// A scanner that is not ours reads what we draw; without it these tests are reported as skipped.
@Suite(.enabled(if: Scanner.isInstalled, "zbarimg (zbar-tools) is not installed"))
struct QRCodeScanTests {
    static let texts = [
        "a", QRCodeTests.uri, QRCodeTests.longest, String(repeating: "0", count: 200),
        QRCodeTests.uri.uppercased(),
    ]

    @Test(arguments: texts, [2, 6])
    func `A scanner reads the PNG back`(text: String, moduleSize: Int) throws {
        let png = try QRCode(SecretBytes(utf8: text)).png(moduleSize: moduleSize)
        #expect(try Scanner.read(png.withUnsafeBytes { Array($0) }, suffix: "png") == text)
    }

    @Test(arguments: texts, [QRCode.Correction.low, .medium])
    func `A scanner reads the text back from the terminal output`(
        text: String, correction: QRCode.Correction
    ) throws {
        let code = try QRCode(SecretBytes(utf8: text), correction: correction)
        for style in [QRCode.TerminalStyle.colored, .lightOnDark, .darkOnLight] {
            let picture = TerminalPicture(
                code.terminalText(style: style), lightOnDark: style == .lightOnDark)
            #expect(try Scanner.read(picture.graymap(modulePixels: 4), suffix: "pgm") == text)
        }
    }

    @Test func `A scanner finds no code in a blank picture`() throws {
        let blank = TerminalPicture(
            String(repeating: String(repeating: " ", count: 40) + "\n", count: 20),
            lightOnDark: false)
        #expect(try Scanner.read(blank.graymap(modulePixels: 4), suffix: "pgm") == nil)
    }
}
