import Bytes
import Foundation
import QRCode
import Testing

/// `zbarimg` of the Debian package zbar-tools, or nil.
private let zbarimg: URL? = ["/usr/bin/zbarimg", "/usr/local/bin/zbarimg"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
    .map { URL(filePath: $0) }

/// A scanner that is not ours reads what we draw; without it these tests are reported as skipped.
@Suite(.enabled(if: zbarimg != nil, "zbarimg (zbar-tools) is not installed"))
struct QRCodeScanTests {
    static let texts = [
        "a", QRCodeTests.uri, QRCodeTests.longest, String(repeating: "0", count: 200),
        QRCodeTests.uri.uppercased(),
    ]

    /// What zbarimg reads from a picture; nil when it sees no code.
    private func scan(_ picture: [UInt8], suffix: String) throws -> String? {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "qrcode-\(UUID().uuidString).\(suffix)")
        try Data(picture).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = zbarimg
        process.arguments = ["--quiet", "--raw", "--nodbus", file.path()]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let read = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: read.dropLast(), as: UTF8.self)
    }

    @Test(arguments: texts, [2, 6])
    func `A scanner reads the PNG back`(text: String, moduleSize: Int) throws {
        let png = try QRCode(SecretBytes(utf8: text)).png(moduleSize: moduleSize)
        #expect(try scan(png, suffix: "png") == text)
    }

    @Test(arguments: texts)
    func `A scanner reads a picture of the terminal back`(text: String) throws {
        let code = try QRCode(SecretBytes(utf8: text))
        for style in [QRCode.TerminalStyle.colored, .lightOnDark, .darkOnLight] {
            let picture = TerminalPicture(
                code.terminalText(style: style), lightOnDark: style == .lightOnDark)
            #expect(try scan(picture.graymap(modulePixels: 4), suffix: "pgm") == text)
        }
    }

    @Test func `A picture without a code is not read`() throws {
        let blank = TerminalPicture(
            String(repeating: String(repeating: " ", count: 40) + "\n", count: 20),
            lightOnDark: false)
        #expect(try scan(blank.graymap(modulePixels: 4), suffix: "pgm") == nil)
    }
}
