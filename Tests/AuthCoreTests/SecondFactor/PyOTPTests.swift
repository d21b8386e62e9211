import AuthCore
import Bytes
import Foundation
import Testing

/// The Python of the tests, when pyotp from PyPI is installed in it, or nil.
private let python: URL? = {
    // Not `standardizedFileURL`: it follows the link that makes it the environment's Python.
    let python = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../.build/python/bin/python").standardized
    guard FileManager.default.isExecutableFile(atPath: python.path()),
        (try? run(python, "import pyotp", input: Data())) != nil
    else { return nil }
    return python
}()

private struct Failure: Error {}

private func run(_ python: URL, _ program: String, input: Data) throws -> Data {
    let process = Process()
    process.executableURL = python
    process.arguments = ["-c", program]
    let (standardInput, standardOutput) = (Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = standardOutput
    process.standardError = FileHandle.nullDevice
    try process.run()
    standardInput.fileHandleForWriting.write(input)
    try standardInput.fileHandleForWriting.close()
    let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
    return output
}

/// A reader of key URIs that is not ours; without it these tests are reported as skipped.
@Suite(.enabled(if: python != nil, "pyotp is not installed; scripts/test installs it"))
struct PyOTPTests {
    private struct Parsed: Decodable, Equatable {
        let issuer: String
        let name: String
        let secret: String
        let digits: Int
        let interval: Int
        let digest: String
    }

    private static let program = """
        import json, pyotp, sys
        totp = pyotp.parse_uri(sys.stdin.buffer.read().decode("ascii"))
        json.dump({"issuer": totp.issuer, "name": totp.name, "secret": totp.secret,
                   "digits": totp.digits, "interval": totp.interval,
                   "digest": totp.digest().name}, sys.stdout)
        """

    @Test(arguments: [
        ("authd", "ada@example.com"), ("My Company", "a+b@example.com"),
        ("Straße & Söhne", "ünïcode@example.com"), ("A/B?C#D&issuer=E%41", "a&secret=b@x.io"),
    ])
    func `pyotp parses the otpauth URI to the same values`(issuer: String, email: String) throws {
        let secret = TOTPSecret.random()
        let uri = OTPAuthURI(
            issuer: try #require(OTPIssuer(issuer)), email: email, secret: secret)
        let output = try run(
            try #require(python), Self.program, input: uri.text.withUnsafeBytes { Data($0) })
        let parsed = try JSONDecoder().decode(Parsed.self, from: output)
        let base32 = secret.base32.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            parsed
                == Parsed(
                    issuer: issuer, name: email, secret: base32, digits: 6, interval: 30,
                    digest: "sha1"))
    }
}
