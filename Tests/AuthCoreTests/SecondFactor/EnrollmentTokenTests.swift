import AuthCore
import Bytes
import Storage
import Testing

@Suite struct EnrollmentTokenTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let secret = TOTPSecret.random()
    private let subject = EnrollmentToken.Subject(userID: "ada", mfaEpoch: 3)
    private let tokens: EnrollmentToken

    init() throws {
        tokens = EnrollmentToken(keyRing: try Self.ring(1))
    }

    private static func ring(_ seed: UInt8, older: [UInt8] = []) throws -> ServerKeyRing {
        func text(_ seed: UInt8) -> SecretBytes {
            SecretBytes([UInt8](repeating: seed, count: 32))
        }
        return try ServerKeyRing(current: text(seed), older: older.map(text))
    }

    private func refusal(
        _ token: SecretBytes, for subject: EnrollmentToken.Subject? = nil,
        at moment: Timestamp? = nil, with tokens: EnrollmentToken? = nil
    ) -> SecondFactorError? {
        do throws(SecondFactorError) {
            _ = try (tokens ?? self.tokens).open(
                token, for: subject ?? self.subject, at: moment ?? now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `A token opens for its user on any daemon with the same key`() throws {
        let token = try tokens.seal(secret, for: subject, at: now)
        let other = EnrollmentToken(keyRing: try Self.ring(1))
        #expect(try other.open(token, for: subject, at: now) == secret)
    }

    @Test func `A token opens for ten minutes, not longer`() throws {
        let token = try tokens.seal(secret, for: subject, at: now)
        let end = now.advanced(by: .seconds(600))
        #expect(refusal(token, at: Timestamp(microseconds: end.microseconds - 1)) == nil)
        #expect(refusal(token, at: end) == .expired)
    }

    @Test func `A token of another user or another epoch does not open`() throws {
        let token = try tokens.seal(secret, for: subject, at: now)
        for other in [("bob", 3), ("ada", 2), ("ada", 4), ("", 3), ("3$ada", 3), ("ada$", 3)] {
            let subject = EnrollmentToken.Subject(userID: other.0, mfaEpoch: Int64(other.1))
            #expect(refusal(token, for: subject) == .unreadable)
        }
        // Joined without care, both would give the same additional data.
        let first = EnrollmentToken.Subject(userID: "1$ada", mfaEpoch: 3)
        let second = EnrollmentToken.Subject(userID: "ada", mfaEpoch: 31)
        #expect(refusal(try tokens.seal(secret, for: first, at: now), for: second) == .unreadable)
    }

    @Test func `A token sealed under an older key opens, and one under an unknown key does not`()
        throws
    {
        let token = try tokens.seal(secret, for: subject, at: now)
        let rotated = EnrollmentToken(keyRing: try Self.ring(2, older: [1]))
        #expect(refusal(token, with: rotated) == nil)
        let foreign = EnrollmentToken(keyRing: try Self.ring(2))
        #expect(refusal(token, with: foreign) == .unreadable)
    }

    @Test func `A token with any bit flipped does not open`() throws {
        let token = try tokens.seal(secret, for: subject, at: now)
        let bytes = token.withUnsafeBytes { Array($0) }
        for index in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << bit
                let refusal = refusal(SecretBytes(altered))
                #expect(refusal == .unreadable || refusal == .malformed, "byte \(index) bit \(bit)")
            }
        }
    }

    @Test func `A truncated or extended token does not open`() throws {
        let token = try tokens.seal(secret, for: subject, at: now)
        for count in 0..<token.count {
            #expect(refusal(token.slice(from: 0, count: count)) != nil)
        }
        let bytes = token.withUnsafeBytes { Array($0) }
        for suffix in ["=", "\n", " ", ".", "A", "AAAA", String(repeating: "A", count: 5_000)] {
            #expect(refusal(SecretBytes(bytes + Array(suffix.utf8))) != nil)
        }
    }

    @Test func `Two tokens for the same secret differ, and neither reveals it`() throws {
        let first = try tokens.seal(secret, for: subject, at: now)
        let second = try tokens.seal(secret, for: subject, at: now)
        #expect(first != second)
        let text = first.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let base32 = secret.base32.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!text.contains(base32))
    }
}
