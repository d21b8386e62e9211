import AuthCore
import Bytes
import Foundation
import Testing

@Suite struct PasswordNormalizationTests {
    private func normalized(_ text: String) -> SecretBytes {
        PasswordNormalization.nfc(SecretBytes(utf8: text))
    }

    @Test func `An ASCII password is returned without copying`() {
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
    func `A non-ASCII password is converted to NFC and keeps its case`(raw: String, form: String) {
        #expect(normalized(raw) == SecretBytes(utf8: form))
        #expect(PasswordNormalization.nfc(normalized(raw)) == normalized(raw))
    }

    // The pieces in which it is done must not show: whatever stands beside whatever.
    @Test func `Normalising in chunks gives the same result as normalising the whole text`() throws
    {
        let scalars: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0xA0...0x2FF, 0x300...0x36F, 0x370...0x52F, 0x591...0x5C7,
            0x900...0x963, 0x9BE...0x9D7, 0xE00...0xE4E, 0x1100...0x11FF, 0x1E00...0x1FFF,
            0x2000...0x218F, 0x3041...0x30FF, 0x3400...0x3410, 0x4E00...0x4E10, 0xAC00...0xAC40,
            0xF900...0xF910, 0x1F600...0x1F610,
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let range = try #require(scalars.randomElement(using: &generator))
                if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let whole = SecretBytes(utf8: text.precomposedStringWithCanonicalMapping)
            #expect(normalized(text) == whole, "\(text.unicodeScalars.map { $0.value })")
        }
    }

    @Test func `Text that is too long in any form is returned unchanged and quickly`() {
        // Two kinds of marks, which NFC would put in order: the square of their number.
        let marks = String(repeating: "\u{345}", count: 30_000)
        let raw = SecretBytes(utf8: "a" + marks + String(repeating: "\u{334}", count: 30_000))
        let start = ContinuousClock.now
        #expect(PasswordNormalization.nfc(raw) == raw)
        #expect(ContinuousClock.now - start < .seconds(1))
        // The most that can shrink into a password is still brought into its form.
        let jamo = String(repeating: "\u{1100}\u{1161}\u{11A8}", count: 341)
        #expect(normalized(jamo) == SecretBytes(utf8: String(repeating: "\u{AC01}", count: 341)))
    }

    @Test func `Bytes that are not valid UTF-8 are returned unchanged`() {
        for bytes: [UInt8] in [[0xff], [0xfe], [0xc3], [0x75, 0xcc], [0xed, 0xa0, 0x80]] {
            #expect(PasswordNormalization.nfc(SecretBytes(bytes)) == SecretBytes(bytes))
        }
    }
}
