import AuthCore
import Bytes
import Testing

@Suite struct RecoveryCodesTests {
    private let userID = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

    private func text(_ code: RecoveryCode) -> String {
        code.text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `A recovery code has three groups of five characters without look-alikes`() {
        var seen: Set<Character> = []
        for _ in 0..<200 {
            let text = text(.random())
            #expect(text.split(separator: "-").map(\.count) == [5, 5, 5])
            seen.formUnion(text)
        }
        seen.remove("-")
        // 3,000 characters leave out one of 32 with a probability of 10^-40.
        #expect(seen == Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    }

    @Test func `Ten codes are made, all different`() {
        let (codes, stored) = RecoveryCodes.random(userID: userID)
        #expect(codes.count == 10)
        #expect(Set(codes.map(text)).count == 10)
        #expect(stored.count == 10)
    }

    @Test(arguments: [
        "01ABC-DEFGH-JKMNP", "01abc-defgh-jkmnp", "01ABCDEFGHJKMNP", "01ABC DEFGH JKMNP",
        " oIaBc - dEfGh - JkMnP ", "OlABC-DEFGH-JKMNP", "oLABC-DEFGH-JKMNP", "0-1-A-B-C-DEFGHJKMNP",
    ])
    func `Case, separators, spaces and look-alikes do not matter`(typed: String) throws {
        let code = try #require(RecoveryCode(SecretBytes(utf8: typed)))
        #expect(text(code) == "01ABC-DEFGH-JKMNP")
    }

    @Test(arguments: [
        "", "-", "01ABC-DEFGH-JKMN", "01ABC-DEFGH-JKMNPQ", "01ABC-DEFGH-JKMNU",
        "01ABC-DEFGH-JKMN\n",
        "01ABC-DEFGH-JKMNP\n", "01ABC_DEFGH_JKMNP", "01ABC-DEFGH-JKMN\u{0}", "01ABC-DEFGH-JKMNé",
        "٠1ABC-DEFGH-JKMNP", String(repeating: " ", count: 50) + "01ABCDEFGHJKMNP",
    ])
    func `Any other text is not a recovery code`(typed: String) {
        #expect(RecoveryCode(SecretBytes(utf8: typed)) == nil)
    }

    @Test func `Each code works once, in any order`() throws {
        let (codes, stored) = RecoveryCodes.random(userID: userID)
        var left = stored
        for (used, code) in codes.shuffled().enumerated() {
            left = try #require(left.consuming(code, userID: userID))
            #expect(left.count == 9 - used)
            #expect(left.consuming(code, userID: userID) == nil)
        }
        #expect(left.stored.isEmpty)
    }

    @Test func `A random code and a code checked for another user are refused`() {
        let (codes, stored) = RecoveryCodes.random(userID: userID)
        for _ in 0..<100 {
            #expect(stored.consuming(.random(), userID: userID) == nil)
        }
        for code in codes {
            #expect(stored.consuming(code, userID: "bbbbbbbbbbbbbbbbbbbbbbbbbb") == nil)
        }
    }

    @Test func `The stored form holds no code, and survives a round trip`() throws {
        let (codes, stored) = RecoveryCodes.random(userID: userID)
        #expect(stored.stored.count == 320)
        #expect(RecoveryCodes(stored: stored.stored) == stored)
        let text = String(decoding: stored.stored, as: UTF8.self)
        for code in codes {
            #expect(!text.contains(self.text(code).filter { $0 != "-" }))
        }
        let left = try #require(stored.consuming(codes[3], userID: userID))
        #expect(RecoveryCodes(stored: left.stored) == left)
    }

    @Test func `A stored form of another size is refused`() {
        #expect(RecoveryCodes(stored: [])?.count == 0)
        for count in [1, 31, 33, 319, 321, 352] {
            #expect(RecoveryCodes(stored: [UInt8](repeating: 0, count: count)) == nil)
        }
    }

    @Test func `A code is refused once its stored hash is altered`() throws {
        let (codes, stored) = RecoveryCodes.random(userID: userID)
        for index in 0..<32 {
            var altered = stored.stored
            altered[index] ^= 1
            let changed = try #require(RecoveryCodes(stored: altered))
            #expect(changed.consuming(codes[0], userID: userID) == nil)
            #expect(changed.consuming(codes[1], userID: userID) != nil)
        }
    }
}
