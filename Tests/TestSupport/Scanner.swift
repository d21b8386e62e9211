import Foundation

/// A reader of QR codes that is not ours: `zbarimg` of the Debian package zbar-tools.
package enum Scanner {
    private static let program = ["/usr/bin/zbarimg", "/usr/local/bin/zbarimg"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether it is there; tests that need it are skipped else.
    package static var isInstalled: Bool { program != nil }

    /// Reads a picture.
    ///
    /// - Parameters:
    ///   - picture: the file.
    ///   - suffix: such as `png`.
    /// - Returns: the text; nil when it sees no code.
    /// - Throws: when it can't be run.
    package static func read(_ picture: [UInt8], suffix: String) throws -> String? {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "qrcode-\(UUID().uuidString).\(suffix)")
        try Data(picture).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            let output = try Program.run(
                program ?? "/nonexistent/zbarimg", ["--quiet", "--raw", "--nodbus", file.path()])
            return String(decoding: output.dropLast(), as: UTF8.self)
        } catch is Program.Failure {
            return nil
        }
    }
}
