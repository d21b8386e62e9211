import Bytes
import Testing

@testable import AuthCore

@Suite struct CommonPasswordsTests {
    private func contains(_ text: String) -> Bool {
        CommonPasswords.contains(SecretBytes(utf8: text))
    }

    @Test func `The list is sorted and lowercase, and its entries have at least 8 bytes`() {
        #expect(CommonPasswords.count == 11_611)
        var previous: [UInt8] = []
        for index in 0..<CommonPasswords.count {
            let entry = Array(CommonPasswords.entry(at: index))
            #expect((8...CommonPasswords.entryBytesMax).contains(entry.count))
            #expect(entry.allSatisfy { (0x21...0x7e).contains($0) && !(0x41...0x5a).contains($0) })
            #expect(previous.lexicographicallyPrecedes(entry))
            previous = entry
        }
    }

    @Test func `Every entry is found in lower and upper case`() {
        for index in 0..<CommonPasswords.count {
            let entry = CommonPasswords.entry(at: index)
            let upper = entry.map { (0x61...0x7a).contains($0) ? $0 & 0xdf : $0 }
            #expect(CommonPasswords.contains(SecretBytes(copying: entry)))
            #expect(CommonPasswords.contains(SecretBytes(upper)))
        }
    }

    @Test func `The first, the last and well-known ones are found`() {
        for text in ["!qaz2wsx", "zzzzzzz1", "password", "PassWord1", "12345678", "QWERTYUIOP"] {
            #expect(contains(text), "\(text)")
        }
    }

    @Test func `Passwords that are not on the list are not found`() {
        for text in [
            "", "!", "!qaz2ws", "!qaz2wsx!", "zzzzzzz", "zzzzzzz1\u{0}", "zzzzzzz2", "\u{7f}",
            "password\u{0}", "passwor", "pässword", "correct horse battery staple",
            String(repeating: "1", count: 64), String(repeating: "1", count: 65),
        ] {
            #expect(!contains(text), "\(text)")
        }
    }

    @Test func `An entry with a byte inserted at any position is not found`() {
        for index in stride(from: 0, to: CommonPasswords.count, by: 37) {
            let entry = Array(CommonPasswords.entry(at: index))
            // A byte that no entry has, at each place.
            for place in 0...entry.count {
                var changed = entry
                changed.insert(0x20, at: place)
                #expect(!CommonPasswords.contains(SecretBytes(changed)))
            }
        }
    }
}
