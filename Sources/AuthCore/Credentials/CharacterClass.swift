/// A class of characters that a policy may require.
package enum CharacterClass: String, Hashable, Sendable, CaseIterable {
    /// A letter that Unicode calls lower case.
    case lower
    /// A letter that Unicode calls upper case or title case.
    case upper
    /// A decimal digit of any script.
    case digit
    /// Punctuation, a symbol or a space.
    case symbol

    /// The class of `scalar`; nil for letters without case, marks, controls and the like.
    init?(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter: self = .lower
        case .uppercaseLetter, .titlecaseLetter: self = .upper
        case .decimalNumber: self = .digit
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol,
            .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
            self = .symbol
        default: return nil
        }
    }
}
