import Bytes
import Testing

@testable import AuthCore

@Suite struct TOTPSecretSealingTests {
    /// The fewest iterations allowed: these tests open some hundred texts.
    private static let iterations = 10_000
    private let secret = TOTPSecret.random()
    private let sealing: TOTPSecretSealing

    init() throws {
        sealing = TOTPSecretSealing(
            keyRing: try Self.ring(1), iterations: Self.iterations)
    }

    private static func ring(_ seed: UInt8, older: [UInt8] = []) throws -> ServerKeyRing {
        func text(_ seed: UInt8) -> SecretBytes {
            SecretBytes([UInt8](repeating: seed, count: 32))
        }
        return try ServerKeyRing(current: text(seed), older: older.map(text))
    }

    private func owner(
        _ userID: String = "ada", _ email: String = "ada@example.com",
        _ password: String = "Correct-Horse-9!"
    ) -> TOTPSecretSealing.Owner {
        let password = SecretBytes(utf8: password)
        return .init(userID: userID, email: email, password: password, rawPassword: password)
    }

    private func refusal(
        _ text: String, for owner: TOTPSecretSealing.Owner? = nil,
        with sealing: TOTPSecretSealing? = nil
    ) -> SecondFactorError? {
        do throws(SecondFactorError) {
            _ = try (sealing ?? self.sealing).open(text, for: owner ?? self.owner())
            return nil
        } catch {
            return error
        }
    }

    @Test func `A sealed secret opens again, and names version, iterations and key`() throws {
        let text = try sealing.seal(secret, for: owner())
        let opened = try sealing.open(text, for: owner())
        #expect(opened.secret == secret)
        #expect(!opened.needsResealing)
        let id = try Self.ring(1).currentID
        #expect(text.hasPrefix("v1$i=10000$k=\(id)$"))
        #expect(text.utf8.count <= 128)
    }

    @Test func `The default iteration count is 100,000`() throws {
        let today = TOTPSecretSealing(keyRing: try Self.ring(1))
        let text = try today.seal(secret, for: owner())
        #expect(text.hasPrefix("v1$i=100000$"))
        #expect(try !today.open(text, for: owner()).needsResealing)
    }

    @Test func `Salt and nonce are fresh each time`() throws {
        let first = try SealedTOTPSecret(parsing: sealing.seal(secret, for: owner()))
        let second = try SealedTOTPSecret(parsing: sealing.seal(secret, for: owner()))
        #expect(first.salt != second.salt)
        #expect(first.nonce != second.nonce)
        #expect(first.ciphertext != second.ciphertext)
    }

    @Test func `A secret opens only with the user id, address and password it was sealed for`()
        throws
    {
        let text = try sealing.seal(secret, for: owner())
        #expect(refusal(text) == nil)
        #expect(refusal(text, for: owner("bob")) == .unreadable)
        #expect(refusal(text, for: owner("ada", "bob@example.com")) == .unreadable)
        #expect(refusal(text, for: owner("ada", "ada@example.com", "Wrong")) == .unreadable)
        #expect(refusal(text, for: owner("ada", "ada@example.com", "")) == .unreadable)
    }

    @Test func `A sealed secret does not open for another user with the same password`() throws {
        let ada = owner("ada", "ada@example.com", "the same password")
        let bob = owner("bob", "bob@example.com", "the same password")
        let text = try sealing.seal(secret, for: ada)
        #expect(refusal(text, for: bob) == .unreadable)
        // Not even under the same address, as after a removal and a new registration.
        let successor = owner("bob", "ada@example.com", "the same password")
        #expect(refusal(text, for: successor) == .unreadable)
    }

    @Test
    func `A secret under an older key opens and needs resealing, and an unknown key is refused`()
        throws
    {
        let text = try sealing.seal(secret, for: owner())
        let rotated = TOTPSecretSealing(
            keyRing: try Self.ring(2, older: [1]), iterations: Self.iterations)
        let opened = try rotated.open(text, for: owner())
        #expect(opened.secret == secret)
        #expect(opened.needsResealing)
        let resealed = try rotated.seal(opened.secret, for: owner())
        #expect(try !rotated.open(resealed, for: owner()).needsResealing)
        let foreign = TOTPSecretSealing(keyRing: try Self.ring(2), iterations: Self.iterations)
        #expect(refusal(text, with: foreign) == .unreadable)
    }

    @Test func `A secret relabelled with another key's id does not open`() throws {
        var sealed = try SealedTOTPSecret(parsing: sealing.seal(secret, for: owner()))
        let both = TOTPSecretSealing(
            keyRing: try Self.ring(1, older: [2]), iterations: Self.iterations)
        sealed.keyID = try Self.ring(2).currentID
        #expect(refusal(sealed.text, with: both) == .unreadable)
    }

    @Test func `A secret with a different iteration count opens and needs resealing`() throws {
        let other = TOTPSecretSealing(keyRing: try Self.ring(1), iterations: 10_001)
        let text = try other.seal(secret, for: owner())
        #expect(try sealing.open(text, for: owner()).needsResealing)
    }

    @Test func `A sealed secret with a bit of any byte flipped does not open`() throws {
        let text = Array(try sealing.seal(secret, for: owner()).utf8)
        for index in text.indices {
            var altered = text
            // One bit a byte: each text that parses costs a PBKDF2.
            altered[index] ^= 1 << (index % 7)
            let refusal = refusal(String(decoding: altered, as: UTF8.self))
            #expect(refusal == .unreadable || refusal == .malformed, "byte \(index)")
        }
    }

    @Test func `A sealed secret with a changed or exchanged field does not open`() throws {
        let sealed = try SealedTOTPSecret(parsing: sealing.seal(secret, for: owner()))
        let other = try SealedTOTPSecret(parsing: sealing.seal(secret, for: owner()))
        let fields: [WritableKeyPath<SealedTOTPSecret, [UInt8]>] =
            [\.salt, \.nonce, \.ciphertext, \.tag]
        for field in fields {
            for index in sealed[keyPath: field].indices {
                var altered = sealed
                altered[keyPath: field][index] ^= 0x80
                #expect(refusal(altered.text) == .unreadable)
            }
            var mixed = sealed
            mixed[keyPath: field] = other[keyPath: field]
            #expect(refusal(mixed.text) == .unreadable)
        }
        var weakened = sealed
        weakened.iterations = 20_000
        #expect(refusal(weakened.text) == .unreadable)
    }

    @Test func `A truncated or extended sealed secret is malformed`() throws {
        let text = try sealing.seal(secret, for: owner())
        for count in 0..<text.utf8.count {
            #expect(refusal(String(text.prefix(count))) == .malformed)
        }
        for suffix in ["=", "\n", "$", "$AAAA", " ", "A", "\u{0}", "\u{301}"] {
            #expect(refusal(text + suffix) == .malformed)
            #expect(refusal(suffix + text) == .malformed)
        }
        #expect(refusal(text + String(repeating: "A", count: 1_000_000)) == .malformed)
    }

    @Test(arguments: [
        "9999", "1000001", "0", "-100000", "+100000", "0100000", "100000 ", "1e5", "", "१०००००",
        "99999999999999999999999999", "9223372036854775807",
    ])
    func `An iteration count that is out of bounds or not canonical is refused`(iterations: String)
        throws
    {
        let text = try TOTPSecretSealing(keyRing: try Self.ring(1)).seal(secret, for: owner())
        let altered = text.replacing("i=100000", with: "i=\(iterations)")
        #expect(altered != text)
        #expect(refusal(altered) == .malformed)
    }

    @Test(arguments: [
        "", "$", "$$$$$$", "v1", ":", "::", "v2$i=100000$k=ab12cd34$A$A$A$A", "v1$i=100000$k=AB",
    ])
    func `Text in an unknown format is malformed`(text: String) {
        #expect(refusal(text) == .malformed)
    }

    @Test
    func `Sealing compares password bytes, so a password that is not normalised does not open`()
        throws
    {
        let text = try sealing.seal(secret, for: owner("ada", "a@b.io", "P\u{E4}ss"))
        #expect(refusal(text, for: owner("ada", "a@b.io", "Pa\u{308}ss")) == .unreadable)
    }
}
