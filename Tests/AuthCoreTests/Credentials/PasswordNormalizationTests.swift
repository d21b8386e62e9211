import AuthCore
import Bytes
import Testing

@Suite struct PasswordNormalizationTests {
    private func normalized(_ text: String) -> SecretBytes {
        PasswordNormalization.nfc(SecretBytes(utf8: text))
    }

    @Test func `ASCII comes back as the same block`() {
        let raw = SecretBytes(utf8: "correct horse\u{0}battery")
        let form = PasswordNormalization.nfc(raw)
        #expect(form == raw)
        let same = raw.withUnsafeBytes { first in
            form.withUnsafeBytes { first.baseAddress == $0.baseAddress }
        }
        #expect(same)
        #expect(PasswordNormalization.nfc(SecretBytes()).isEmpty)
    }

    // UAX #15 and its test file: compositions, exclusions, singletons, order of marks, Hangul.
    @Test(arguments: [
        ("u\u{308}", "\u{fc}"), ("\u{fc}", "\u{fc}"), ("a\u{307}\u{323}", "\u{1ea1}\u{307}"),
        ("\u{212b}", "\u{c5}"), ("\u{2126}", "\u{3a9}"), ("\u{958}", "\u{915}\u{93c}"),
        ("\u{fb1d}", "\u{5d9}\u{5b4}"), ("\u{1100}\u{1161}\u{11a8}", "\u{ac01}"),
        ("\u{344}", "\u{308}\u{301}"), ("\u{1d15e}", "\u{1d157}\u{1d165}"),
        ("\u{11935}\u{11930}", "\u{11938}"), ("\u{fb01}", "\u{fb01}"), ("ÄB c", "ÄB c"),
    ])
    func `Other text gets its NFC form and keeps its case`(raw: String, form: String) {
        #expect(normalized(raw) == SecretBytes(utf8: form))
        #expect(PasswordNormalization.nfc(normalized(raw)) == normalized(raw))
    }

    @Test func `Bytes that are no UTF-8 are left alone and stay different`() {
        for bytes: [UInt8] in [[0xff], [0xfe], [0xc3], [0x75, 0xcc], [0xed, 0xa0, 0x80]] {
            #expect(PasswordNormalization.nfc(SecretBytes(bytes)) == SecretBytes(bytes))
        }
    }
}
