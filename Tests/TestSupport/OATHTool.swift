import Foundation

/// An authenticator that is not ours: `oathtool` of the Debian package of that name.
package enum OATHTool {
    private static let program = ["/usr/bin/oathtool", "/usr/local/bin/oathtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whether it is there; tests that need it are skipped else.
    package static var isInstalled: Bool { program != nil }

    /// The code of a secret.
    ///
    /// - Parameters:
    ///   - base32: the secret as users are shown it.
    ///   - seconds: the time, since 1970 in UTC.
    /// - Returns: six digits.
    /// - Throws: when oathtool fails.
    package static func code(of base32: String, at seconds: Int64) throws -> String {
        let output = try Program.run(
            program ?? "/nonexistent/oathtool",
            ["--totp=sha1", "--base32", "--now=@\(seconds)", "-"], input: Data(base32.utf8))
        return String(decoding: output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
