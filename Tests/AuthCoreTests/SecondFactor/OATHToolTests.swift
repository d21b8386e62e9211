import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// An authenticator that is not ours makes the codes; without it these tests are reported as
/// skipped.
@Suite(.enabled(if: OATHTool.isInstalled, "oathtool is not installed"))
struct OATHToolTests {
    @Test(arguments: [0, 29, 30, 1_111_111_109, 1_800_000_000, 4_102_444_800] as [Int64])
    func `oathtool generates the same codes from the Base32 secret`(
        seconds: Int64
    ) throws {
        let secret = TOTPSecret.random()
        let now = Timestamp(seconds: seconds)
        let base32 = secret.base32.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let digits = try OATHTool.code(of: base32, at: seconds)
        let code = try #require(TOTPCode(SecretBytes(utf8: digits)))
        #expect(code == TOTP.code(secret: secret, step: TOTP.step(at: now)))
        let accepted = TOTP.acceptedStep(of: code, secret: secret, at: now, after: nil)
        #expect(accepted == TOTP.step(at: now))
    }
}
