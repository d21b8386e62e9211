import Bytes
import Cryptography

/// Names for accounts, sessions and tokens that nobody can guess and that say nothing.
enum RandomIdentifier {
    /// 128 random bits as 26 lower-case base 32 characters: fit for store keys, URLs and logs.
    static func make() -> String {
        Base32.encode(SecureRandom.bytes(16)).lowercased()
    }

    /// Whether `text` has the form of an identifier; says nothing about what it names.
    static func isValid(_ text: String) -> Bool {
        text.utf8.count == 26
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
            }
    }
}
