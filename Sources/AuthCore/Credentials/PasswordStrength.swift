package import Bytes
import CZxcvbn

/// The estimate of zxcvbn-c: how many guesses an attacker who knows how people choose passwords
/// needs for this one.
///
/// Any number of threads may call it at once: the library keeps no state (its dictionary is
/// constant data, and it has no variable of its own). It reads the password, makes a reversed copy
/// that it overwrites itself, and keeps lengths and entropies, no text, in the rest of its memory.
package enum PasswordStrength {
    /// How many characters are scored, from the start.
    ///
    /// The time of zxcvbn-c grows with the fifth power of the length of a zigzag on the keypad.
    /// `4545...` takes 7 to 10 ms at 32 characters, 19 ms at 40 and 1.7 s at 100, and searching
    /// found nothing slower at 32. Longer passwords are judged by their first 32 characters.
    package static let charactersMax = 32
    /// How many words of the user are tried, and how short or long they may be. Each costs time at
    /// every position, and one or two letters say nothing.
    package static let userWordsMax = 16
    /// The fewest bytes of a word of the user.
    package static let userWordBytesMin = 3

    /// The base-2 logarithm of the number of guesses for the first `charactersMax` characters.
    ///
    /// Blocks the thread, for less than 20 ms at worst and mostly for a tenth of one.
    ///
    /// - Parameters:
    ///   - password: UTF-8, NFC-normalized. A NUL byte counts as some other control character.
    ///   - userWords: what an attacker knows about the user, most likely first. Those shorter than
    ///     `userWordBytesMin`, and all after the first `userWordsMax`, are left out.
    /// - Returns: bits, zero or more.
    package static func bits(of password: SecretBytes, userWords: [String]) -> Double {
        guard !password.isEmpty else { return 0 }
        let text = singleBytes(of: password)
        return withPointers(to: userWords) { words in
            text.withUnsafeBytes { bytes in
                let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
                // Without a pointer for the matches, the library frees them itself.
                return ZxcvbnMatch(start, words, nil)
            }
        }
    }

    /// The score of zxcvbn: 0 below 10^3 guesses, 1 below 10^6, 2 below 10^8, 3 below
    /// 10^10, else 4.
    package static func score(bits: Double) -> Int {
        switch bits {
        case ..<9.965_784_284_662_087: 0
        case ..<19.931_568_569_324_174: 1
        case ..<26.575_424_759_098_897: 2
        case ..<33.219_280_948_873_62: 3
        default: 4
        }
    }

    /// `text` as zxcvbn-c reads it: at most `charactersMax` characters of one byte each and a NUL.
    ///
    /// ASCII is itself, anything else the last byte of its UTF-8 sequence. Given as UTF-8, each
    /// byte would count as a character of 100 possible ones, and every short word in Cyrillic or
    /// Chinese as strong. The six bits that are left tell the letters of most alphabets apart;
    /// where they don't, the estimate is only lower.
    private static func singleBytes(of text: SecretBytes) -> SecretBytes {
        text.withUnsafeBytes { bytes in
            let kept = bytes.indices.lazy.filter { index in
                bytes[index] < 0x80 || index + 1 == bytes.count
                    || bytes[index + 1] & 0xc0 != 0x80
            }.prefix(charactersMax)
            return SecretBytes(count: kept.count + 1) { target in
                for (position, index) in kept.enumerated() {
                    // A NUL would end the C string and hide what follows.
                    target[position] = bytes[index] == 0 ? 1 : bytes[index]
                }
            }
        }
    }

    /// Calls `body` with a C array of the words that count, a null pointer at its end.
    private static func withPointers(
        to words: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> Double
    ) -> Double {
        var text: [UInt8] = []
        var starts: [Int] = []
        for word in words.lazy.filter({ $0.utf8.count >= userWordBytesMin }).prefix(userWordsMax) {
            starts.append(text.count)
            singleBytes(of: SecretBytes(utf8: word)).withUnsafeBytes {
                text.append(contentsOf: $0)
            }
        }
        return text.withUnsafeBytes { bytes in
            let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            var pointers = starts.map { start in base.map { $0 + start } }
            pointers.append(nil)
            return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
        }
    }
}
