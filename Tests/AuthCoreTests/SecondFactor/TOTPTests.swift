import AuthCore
import Bytes
import Storage
import Testing

@Suite struct TOTPTests {
    /// The secret of RFC 4226 and, for SHA-1, RFC 6238.
    private let secret = TOTPSecret(SecretBytes("12345678901234567890".utf8))

    private func code(_ text: String) throws -> TOTPCode {
        try #require(TOTPCode(SecretBytes(utf8: text)))
    }

    @Test(
        arguments: [
            (0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (4, "338314"),
            (5, "254676"), (6, "287922"), (7, "162583"), (8, "399871"), (9, "520489"),
        ] as [(Int64, String)])
    func `The codes match RFC 4226 appendix D`(step: Int64, text: String) throws {
        let secret = try #require(secret)
        #expect(TOTP.code(secret: secret, step: step) == (try code(text)))
    }

    @Test(
        arguments: [
            (59, 1, "94287082"), (1_111_111_109, 0x23523EC, "07081804"),
            (1_111_111_111, 0x23523ED, "14050471"), (1_234_567_890, 0x273EF07, "89005924"),
            (2_000_000_000, 0x3F940AA, "69279037"), (20_000_000_000, 0x27BC86AA, "65353130"),
        ] as [(Int64, Int64, String)])
    func `The SHA-1 codes match RFC 6238 appendix B`(
        seconds: Int64, step: Int64, eightDigits: String
    ) throws {
        let secret = try #require(secret)
        #expect(TOTP.step(at: Timestamp(seconds: seconds)) == step)
        let sixDigits = String(eightDigits.suffix(6))
        #expect(TOTP.code(secret: secret, step: step) == (try code(sixDigits)))
    }

    @Test(
        arguments: [(-1, -1), (-30, -1), (-31, -2), (0, 0), (29, 0), (30, 1)] as [(Int64, Int64)])
    func `Time steps are 30 seconds long and aligned to the Unix epoch`(seconds: Int64, step: Int64)
    {
        #expect(TOTP.step(at: Timestamp(seconds: seconds)) == step)
    }

    @Test func `A code is accepted from one step before its own to one step after`() throws {
        let secret = try #require(secret)
        let now = Timestamp(seconds: 1_000 * 30 + 15)
        for distance in -3...3 as ClosedRange<Int64> {
            let code = TOTP.code(secret: secret, step: 1_000 + distance)
            let accepted = TOTP.acceptedStep(of: code, secret: secret, at: now, after: nil)
            #expect(accepted == (abs(distance) <= 1 ? 1_000 + distance : nil))
        }
    }

    @Test func `The acceptance window moves exactly at a step boundary`() throws {
        let secret = try #require(secret)
        let code = TOTP.code(secret: secret, step: 1_000)
        func accepted(_ microseconds: Int64) -> Int64? {
            TOTP.acceptedStep(
                of: code, secret: secret, at: Timestamp(microseconds: microseconds), after: nil)
        }
        #expect(accepted(999 * 30_000_000 - 1) == nil)
        #expect(accepted(999 * 30_000_000) == 1_000)
        #expect(accepted(1_002 * 30_000_000 - 1) == 1_000)
        #expect(accepted(1_002 * 30_000_000) == nil)
    }

    @Test func `A code of the last accepted step or an earlier one is refused`() throws {
        let secret = try #require(secret)
        let now = Timestamp(seconds: 1_000 * 30)
        for last in 998...1_002 as ClosedRange<Int64> {
            for step in 999...1_001 as ClosedRange<Int64> {
                let code = TOTP.code(secret: secret, step: step)
                let accepted = TOTP.acceptedStep(of: code, secret: secret, at: now, after: last)
                #expect(accepted == (step > last ? step : nil))
            }
        }
    }

    @Test func `A code shared by two steps of the window is accepted once`() throws {
        let secret = try #require(secret)
        // Found by trying: the first step whose successor has the same code.
        let step: Int64 = 910_737
        #expect(TOTP.code(secret: secret, step: step + 1) == (try code("911617")))
        let code = TOTP.code(secret: secret, step: step)
        let now = Timestamp(seconds: step * 30)
        let accepted = TOTP.acceptedStep(of: code, secret: secret, at: now, after: nil)
        #expect(accepted == step + 1)
        #expect(TOTP.acceptedStep(of: code, secret: secret, at: now, after: accepted) == nil)
    }

    @Test func `Codes that belong to no step of the window are refused`() throws {
        let secret = try #require(secret)
        let now = Timestamp(seconds: 59)
        var accepted: Set<Int64> = []
        for number in stride(from: 0, to: 1_000_000, by: 101) {
            let digits = String(String(1_000_000 + number).dropFirst())
            let step = TOTP.acceptedStep(of: try code(digits), secret: secret, at: now, after: nil)
            if let step { accepted.insert(step) }
        }
        #expect(accepted.isEmpty)
    }
}
