import AuthCore
import Testing

@Suite struct EmailAddressTests {
    private func form(_ input: String) -> String? {
        guard let address = try? EmailAddress(parsing: input) else { return nil }
        return address.text
    }

    private func error(_ input: String) -> EmailAddressError? {
        do {
            _ = try EmailAddress(parsing: input)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("User@Example.COM", "user@example.com"),
        (" \t\r\n\u{a0}\u{2028}user@example.com\u{3000}\n", "user@example.com"),
        ("a@b.c", "a@b.c"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("first.last+tag@sub.example.co.uk", "first.last+tag@sub.example.co.uk"),
        ("1@2.example", "1@2.example"),
        ("a@1.2.3.x4", "a@1.2.3.x4"),
        ("a@a--b.xn--p1ai", "a@a--b.xn--p1ai"),
        ("BÜCHER@BÜCHER.example", "bücher@bücher.example"),
        ("u\u{308}@example.com", "\u{fc}@example.com"),
        ("\u{212a}elvin@example.com", "kelvin@example.com"),
        ("ΟΔΟΣ@example.com", "οδοσ@example.com"),
        ("οδος@example.com", "οδοσ@example.com"),
        ("ẞß@example.com", "ßß@example.com"),
        ("İ@example.com", "i\u{307}@example.com"),
        ("पता@उदाहरण.भारत", "पता@उदाहरण.भारत"),
        ("用户@例子.中国", "用户@例子.中国"),
        ("\u{430}dmin@example.com", "\u{430}dmin@example.com"),  // Cyrillic: a look-alike may pass.
    ])
    func `A valid address is converted to its stored form`(input: String, stored: String) throws {
        let address = try EmailAddress(parsing: input)
        // Byte by byte: == on strings ignores the difference that normalising removes.
        #expect(Array(address.text.utf8) == Array(stored.utf8))
        #expect(address.localPart + "@" + address.domain == stored)
    }

    @Test(arguments: [
        ("", EmailAddressError.empty),
        (" \n\t ", .empty),
        ("user", .atSignCount),
        ("user.example.com", .atSignCount),
        ("a@b@example.com", .atSignCount),
        ("a@example.com@", .atSignCount),
        ("@\u{301}", .localPartLength),
        ("@example.com", .localPartLength),
        (".a@example.com", .localPartDots),
        ("a.@example.com", .localPartDots),
        ("a..b@example.com", .localPartDots),
        ("\"a b\"@example.com", .characterForbidden),
        ("\"ab\"@example.com", .localPartCharacter),
        ("a(comment)@example.com", .localPartCharacter),
        ("Name<a@example.com>", .localPartCharacter),
        ("a,b@example.com", .localPartCharacter),
        ("a\\b@example.com", .localPartCharacter),
        ("a\u{2260}b@example.com", .localPartCharacter),
        ("a=\u{338}b@example.com", .localPartCharacter),  // NFC makes ≠ of it.
        ("😀@example.com", .localPartCharacter),
        ("a\u{20dd}@example.com", .localPartCharacter),  // Enclosing circle.
        ("a@", .domainLabelLength),
        ("a@localhost", .domainLabelCount),
        ("a@example.com.", .domainLabelLength),
        ("a@.example.com", .domainLabelLength),
        ("a@example..com", .domainLabelLength),
        ("a@[192.0.2.1]", .domainCharacter),
        ("a@[IPv6:2001:db8::1]", .domainCharacter),
        ("a@192.0.2.1", .domainNumeric),
        ("a@example.٣٤", .domainNumeric),
        ("a@-example.com", .domainHyphen),
        ("a@example-.com", .domainHyphen),
        ("a@exa_mple.com", .domainCharacter),
        ("a@example。com", .domainCharacter),
        ("a@exa%6dple.com", .domainCharacter),
        ("a＠example.com", .atSignCount),
        ("\u{301}a@example.com", .markFirst),
        ("a@\u{301}b.com", .markFirst),
        ("a.\u{93f}@example.com", .markFirst),
    ])
    func `An invalid address is refused with the rule it breaks`(
        input: String, expected: EmailAddressError
    ) {
        #expect(error(input) == expected)
    }

    @Test(arguments: [
        "\u{0}", "\u{1}", "\u{7f}", "\u{85}", "\n", "\r\n", " ", "\t", "\u{a0}", "\u{3000}",
        "\u{2028}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{200e}", "\u{202e}", "\u{2066}",
        "\u{2060}", "\u{feff}", "\u{ad}", "\u{34f}", "\u{61c}", "\u{fe0f}", "\u{e0100}",
        "\u{115f}", "\u{3164}", "\u{ffa0}", "\u{17b4}", "\u{180b}", "\u{e000}", "\u{10ffff}",
        "\u{378}", "\u{e0001}", "\u{e0061}",
    ])
    func `Control, invisible and unassigned characters are refused in any position`(
        character: String
    ) {
        for input in [
            "us\(character)er@example.com", "user\(character)@example.com",
            "user@\(character)example.com", "user@exam\(character)ple.com",
            "a\(character)b@c@example.com",
        ] {
            #expect(error(input) == .characterForbidden, "\(character.unicodeScalars)")
        }
    }

    @Test func `The limits hold at n and at n + 1`() {
        let label63 = String(repeating: "d", count: 63)
        let label62 = String(repeating: "d", count: 62)
        let local64 = String(repeating: "l", count: 64)
        #expect(form("\(local64)@example.com") != nil)
        #expect(error("\(local64)l@example.com") == .localPartLength)
        #expect(error(String(repeating: "é", count: 33) + "@example.com") == .localPartLength)
        #expect(form(String(repeating: "é", count: 32) + "@example.com") != nil)
        #expect(form("a@\(label63).com") != nil)
        #expect(error("a@\(label63)d.com") == .domainLabelLength)

        let longest = "\(local64)@\(label63).\(label63).\(label62)"
        #expect(longest.utf8.count == 255)
        #expect(error(longest) == .tooLong)
        #expect(form(String(longest.dropLast()))?.utf8.count == 254)
    }

    @Test func `Input longer than 1,024 bytes is refused even if trimming would make it valid`() {
        let padding = String(repeating: " ", count: 1024 - 5)
        #expect(form(padding + "a@b.c") == "a@b.c")
        #expect(error(padding + " a@b.c") == .inputTooLong)
    }

    @Test func `Equivalent Unicode spellings of an address are equal`() throws {
        let composed = try EmailAddress(parsing: "J\u{c9}R\u{d4}ME@Example.com")
        let decomposed = try EmailAddress(parsing: " je\u{301}ro\u{302}me@example.com ")
        #expect(composed == decomposed)
        #expect(Set([composed, decomposed]).count == 1)
        let punycode = try EmailAddress(parsing: "a@xn--bcher-kva.example")
        #expect(try punycode != EmailAddress(parsing: "a@bücher.example"))
    }

    @Test func `The errors are sentences that do not repeat the address`() {
        for rule in EmailAddressError.allCases {
            #expect(rule.description.hasSuffix("."))
            #expect(rule.description.count < 100)
        }
        #expect(Set(EmailAddressError.allCases.map(\.description)).count == 14)
        #expect(error("zebra zebra@example.com").map { !"\($0)".contains("zebra") } == true)
    }
}
