import AuthCore
import Bytes
import Testing

@Suite struct PasswordPolicyTests {
    private let lax = PasswordPolicy(bytesMin: 1, bytesMax: 1024, scoreMin: 0)

    private func violations(
        _ password: String, _ policy: PasswordPolicy = PasswordPolicy(),
        email: String = "grace.hopper@navy.example"
    ) throws -> [PasswordPolicyViolation] {
        try policy.violations(
            of: PasswordNormalization.nfc(SecretBytes(utf8: password)),
            email: EmailAddress(parsing: email))
    }

    @Test(arguments: [
        "correct horse battery staple", "kV7#pQ2z", "xkcd9f2m", "mzvq7Lwd!", "жук-ёлка-42-трава",
        "用户密码安全测试词", "kV7#\u{0}pQ2z",
    ])
    func `A good password breaks no rule`(password: String) throws {
        #expect(try violations(password) == [])
    }

    @Test(arguments: [
        "P@ssw0rd2024", "qwertyuiop123", "abcdefgh1", "summer2024", "iloveyou1987", "drowssap99",
        "45454545454545454545454545454545", "aaaaaaaaaaaaaaaaaaaa", "19851985", "аааааааа",
        "кккккккккк", "hopper1906", "navy.example", "Grace.Hopper1", "éééééééééééé",
    ])
    func `A guessable password is refused`(password: String) throws {
        #expect(try violations(password).contains(.tooGuessable))
    }

    @Test func `The length limits are inclusive and count bytes after normalisation`() throws {
        let policy = PasswordPolicy(bytesMin: 8, bytesMax: 12, scoreMin: 0)
        #expect(try violations("mzvqkwj", policy) == [.tooShort])
        #expect(try violations("mzvqkwjx", policy) == [])
        #expect(try violations("mzvqkwjxgtbd", policy) == [])
        #expect(try violations("mzvqkwjxgtbdf", policy) == [.tooLong])
        #expect(try violations("mzvqkwu\u{308}", policy) == [])  // 9 bytes come in, 8 count.
        #expect(try violations("mzvqku\u{308}", policy) == [.tooShort])
        #expect(try violations("", policy) == [.tooShort])
    }

    @Test func `The default limits are 8 and 1,024 bytes`() throws {
        let line = "kV7#pQ2z"
        #expect(try violations(String(line.dropLast())) == [.tooShort])
        let longest = String(repeating: "kV7#pQ2z mxwq Lt", count: 64)
        #expect(longest.utf8.count == 1024)
        #expect(try violations(longest) == [])
        #expect(try violations(longest + "x") == [.tooLong])
    }

    @Test(arguments: [
        "grace.hopper@navy.example", "GRACE.Hopper@Navy.EXAMPLE", "grace.hopper", "Grace.HOPPER",
    ])
    func `The address and its local part are refused in any case`(password: String) throws {
        #expect(try violations(password, lax) == [.equalsEmail])
    }

    @Test func `The comparison with the address uses the same normalisation and case folding`()
        throws
    {
        let email = "J\u{e9}r\u{f4}me\u{3a3}@example.com"
        #expect(try violations("JE\u{301}RO\u{302}ME\u{3c3}", lax, email: email) == [.equalsEmail])
        #expect(try violations("\u{212a}elvin", lax, email: "kelvin@b.cd") == [.equalsEmail])
        #expect(try violations("jeromeσ", lax, email: email) == [])
        #expect(try violations("grace.hopper@", lax) == [])
        #expect(try violations("navy.example", lax) == [])
    }

    @Test func `A common password is refused regardless of case`() throws {
        #expect(try violations("QWERTYuiop", lax) == [.commonPassword])
        #expect(try violations("qwertyuiop ", lax) == [])
    }

    @Test func `Each character class can be required`() throws {
        let all = PasswordPolicy(
            bytesMin: 1, scoreMin: 0, requiredClasses: Set(CharacterClass.allCases))
        #expect(try violations("aB3$", all) == [])
        #expect(try violations("AB3$", all) == [.missingLower])
        #expect(try violations("ab3$", all) == [.missingUpper])
        #expect(try violations("aBc$", all) == [.missingDigit])
        #expect(try violations("aB3d", all) == [.missingSymbol])
        #expect(try violations("aB3 ", all) == [])
        #expect(try violations("жЖ٣€", all) == [])
        #expect(
            try violations("字", all)
                == [.missingLower, .missingUpper, .missingDigit, .missingSymbol])
        let one = PasswordPolicy(bytesMin: 1, scoreMin: 0, requiredClasses: [.digit])
        #expect(try violations("mzvq", one) == [.missingDigit])
    }

    @Test func `Every broken rule is reported, in a fixed order`() throws {
        let strict = PasswordPolicy(
            bytesMin: 12, bytesMax: 1024, scoreMin: 4, requiredClasses: [.upper, .symbol])
        #expect(
            try violations("password", strict, email: "password@example.com")
                == [
                    .tooShort, .equalsEmail, .commonPassword, .tooGuessable, .missingUpper,
                    .missingSymbol,
                ])
    }

    @Test func `A password is accepted only if it reaches the required score`() throws {
        // 18.8, 23.5, 28.2 and 37.6 bits.
        for (password, score) in [("mzvq", 1), ("mzvqk", 2), ("mzvqkw", 3), ("mzvqkwjx", 4)] {
            for wanted in 0...4 {
                let policy = PasswordPolicy(bytesMin: 1, scoreMin: wanted)
                let expected: [PasswordPolicyViolation] = wanted > score ? [.tooGuessable] : []
                #expect(try violations(password, policy) == expected, "\(password) \(wanted)")
            }
        }
    }

    @Test func `The raw values of the violations match the public API`() {
        #expect(
            PasswordPolicyViolation.allCases.map(\.rawValue) == [
                "too_short", "too_long", "equals_email", "common_password",
                "breached_password", "too_guessable", "missing_lower", "missing_upper",
                "missing_digit", "missing_symbol",
            ])
        #expect(PasswordPolicyViolation.allCases.allSatisfy { $0.description.hasSuffix(".") })
    }
}
