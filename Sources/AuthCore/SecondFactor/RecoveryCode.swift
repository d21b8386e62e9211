package import Bytes
import Cryptography

/// A code that logs a user in once when the authenticator is lost.
///
/// 75 random bits as 15 characters of Crockford's base32, which has no `I`, `L`, `O` and `U`:
/// `7DZ4K-0MXQA-9R2TV`.
package struct RecoveryCode: Sendable, Equatable {
    /// The characters of a code, without separators: 5 bits each.
    package static let characterCount = 15
    /// The longest text that is read: a code with spaces around every character, and more.
    package static let inputBytesMax = 64

    private static let groupCharacterCount = 5
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The characters in upper case, without separators.
    let characters: SecretBytes

    private init(characters: SecretBytes) {
        self.characters = characters
    }

    /// A new code.
    package static func random() -> RecoveryCode {
        // 32 characters divide 256, so the low bits of each byte pick one evenly.
        let random = SecureRandom.secret(characterCount)
        let characters = SecretBytes(count: characterCount) { characters in
            random.withUnsafeBytes { random in
                for index in characters.indices {
                    characters[index] = alphabet[Int(random[index] & 31)]
                }
            }
        }
        return RecoveryCode(characters: characters)
    }

    /// Reads what a user typed: either case, spaces and hyphens anywhere, and `O` for zero, `I` or
    /// `L` for one. nil for anything else.
    ///
    /// - Parameter text: at most `inputBytesMax` bytes.
    package init?(_ text: SecretBytes) {
        guard text.count <= RecoveryCode.inputBytesMax else { return nil }
        var count = 0
        var isCode = true
        let characters = SecretBytes(count: RecoveryCode.characterCount) { characters in
            text.withUnsafeBytes { text in
                for byte in text where byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") {
                    guard let character = RecoveryCode.canonical(byte), count < characters.count
                    else {
                        isCode = false
                        return
                    }
                    characters[count] = character
                    count += 1
                }
            }
        }
        guard isCode, count == RecoveryCode.characterCount else { return nil }
        self.characters = characters
    }

    /// The code as it is shown: three groups of five, separated by hyphens.
    package var text: SecretBytes {
        let groups = RecoveryCode.characterCount / RecoveryCode.groupCharacterCount
        return SecretBytes(count: RecoveryCode.characterCount + groups - 1) { text in
            characters.withUnsafeBytes { characters in
                for (index, character) in characters.enumerated() {
                    text[index + index / RecoveryCode.groupCharacterCount] = character
                }
            }
            for group in 1..<groups {
                text[group * (RecoveryCode.groupCharacterCount + 1) - 1] = UInt8(ascii: "-")
            }
        }
    }

    /// The character of the alphabet that `byte` stands for.
    private static func canonical(_ byte: UInt8) -> UInt8? {
        let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
        let upper = lower.contains(byte) ? byte - 0x20 : byte
        switch upper {
        case UInt8(ascii: "O"): return UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return UInt8(ascii: "1")
        default: return alphabet.contains(upper) ? upper : nil
        }
    }
}
