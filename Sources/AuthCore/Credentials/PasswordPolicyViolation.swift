/// A rule of the password policy that a password breaks.
///
/// The raw value is part of the protocol (metadata of `PASSWORD_TOO_WEAK`): it never changes.
package enum PasswordPolicyViolation: String, Error, Hashable, Sendable, CaseIterable {
    /// Fewer bytes of UTF-8 than `bytesMin`.
    case tooShort = "too_short"
    /// More bytes of UTF-8 than `bytesMax`.
    case tooLong = "too_long"
    /// The email address or the part before its `@`, in any case.
    case equalsEmail = "equals_email"
    /// On the list of common passwords, in any case of ASCII letters.
    case commonPassword = "common_password"
    /// On the operator's list of breached passwords, exactly as typed.
    case breachedPassword = "breached_password"
    /// A zxcvbn score below `scoreMin`.
    case tooGuessable = "too_guessable"
    /// `CharacterClass.lower` is required but missing.
    case missingLower = "missing_lower"
    /// `CharacterClass.upper` is required but missing.
    case missingUpper = "missing_upper"
    /// `CharacterClass.digit` is required but missing.
    case missingDigit = "missing_digit"
    /// `CharacterClass.symbol` is required but missing.
    case missingSymbol = "missing_symbol"

    /// The rule that `missing` is required but missing.
    init(missing: CharacterClass) {
        switch missing {
        case .lower: self = .missingLower
        case .upper: self = .missingUpper
        case .digit: self = .missingDigit
        case .symbol: self = .missingSymbol
        }
    }
}

extension PasswordPolicyViolation: CustomStringConvertible {
    /// One sentence for the user; it never repeats the password.
    package var description: String {
        switch self {
        case .tooShort: "The password is too short."
        case .tooLong: "The password is too long."
        case .equalsEmail: "The password must not be the email address or its first part."
        case .commonPassword: "The password is on a list of common passwords."
        case .breachedPassword:
            "The password was leaked in a breach of some service; attackers try it."
        case .tooGuessable: "The password is too easy to guess; use more words, or rarer ones."
        case .missingLower: "The password must contain a lower-case letter."
        case .missingUpper: "The password must contain an upper-case letter."
        case .missingDigit: "The password must contain a digit."
        case .missingSymbol: "The password must contain a symbol, such as a punctuation mark."
        }
    }
}
