import AuthCore
import Bytes
import Foundation
import Storage
import Testing

/// `oathtool` of the Debian package of that name, or nil.
private let oathtool: URL? = ["/usr/bin/oathtool", "/usr/local/bin/oathtool"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
    .map { URL(filePath: $0) }

/// An authenticator that is not ours makes the codes; without it these tests are reported as
/// skipped.
@Suite(.enabled(if: oathtool != nil, "oathtool is not installed"))
struct OATHToolTests {
    private func code(of base32: SecretBytes, at seconds: Int64) throws -> TOTPCode? {
        let process = Process()
        process.executableURL = oathtool
        process.arguments = ["--totp=sha1", "--base32", "--now=@\(seconds)", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(base32.withUnsafeBytes { Data($0) })
        try input.fileHandleForWriting.close()
        let read = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return TOTPCode(SecretBytes(read.dropLast()))
    }

    @Test(arguments: [0, 29, 30, 1_111_111_109, 1_800_000_000, 4_102_444_800] as [Int64])
    func `oathtool makes the same codes from the secret that users are shown`(
        seconds: Int64
    ) throws {
        let secret = TOTPSecret.random()
        let now = Timestamp(seconds: seconds)
        let code = try #require(try code(of: secret.base32, at: seconds))
        #expect(code == TOTP.code(secret: secret, step: TOTP.step(at: now)))
        let accepted = TOTP.acceptedStep(of: code, secret: secret, at: now, after: nil)
        #expect(accepted == TOTP.step(at: now))
    }
}
