/// The syntax of addresses that `EmailAddress` describes, checked on scalars: as a `Character`, a
/// mark after an `@` would hide it.
enum EmailSyntax {
    private typealias Scalars = Substring.UnicodeScalarView

    /// The most bytes of a domain label (RFC 1035 §2.3.4), counted in UTF-8.
    private static let labelBytesMax = 63

    /// Throws the first rule that `text`, an address in stored form, breaks.
    static func check(_ text: String) throws(EmailAddressError) {
        let scalars = Substring(text).unicodeScalars
        guard scalars.allSatisfy(isVisible) else { throw .characterForbidden }
        let parts = scalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .atSignCount }
        try checkLocalPart(parts[0])
        try checkDomain(parts[1])
    }

    private static func checkLocalPart(_ localPart: Scalars) throws(EmailAddressError) {
        let bytes = Substring(localPart).utf8.count
        guard (1...EmailAddress.localPartBytesMax).contains(bytes) else { throw .localPartLength }
        for atom in localPart.split(separator: ".", omittingEmptySubsequences: false) {
            guard let first = atom.first else { throw .localPartDots }
            guard atom.allSatisfy(isAtomText) else { throw .localPartCharacter }
            guard !isMark(first) else { throw .markFirst }
        }
    }

    private static func checkDomain(_ domain: Scalars) throws(EmailAddressError) {
        guard domain.allSatisfy({ $0 == "." || isLabelText($0) }) else { throw .domainCharacter }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard let first = label.first, let last = label.last,
                Substring(label).utf8.count <= labelBytesMax
            else { throw .domainLabelLength }
            guard first != "-", last != "-" else { throw .domainHyphen }
            guard !isMark(first) else { throw .markFirst }
        }
        guard labels.count >= 2 else { throw .domainLabelCount }
        let isNumeric = labels.last?.allSatisfy { $0.properties.generalCategory == .decimalNumber }
        guard isNumeric == false else { throw .domainNumeric }
    }

    /// Whether `scalar` may be in an atom: atext of RFC 5322 §3.2.3, or a letter, mark or digit.
    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return isLetterDigit(scalar) }
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "!", "#", "$", "%", "&", "'", "*", "+", "-", "/",
            "=", "?", "^", "_", "`", "{", "|", "}", "~":
            return true
        default:
            return false
        }
    }

    private static func isLabelText(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return isLetterDigit(scalar) }
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-": return true
        default: return false
        }
    }

    /// LetterDigits of RFC 8264 §9.1.
    private static func isLetterDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// False for separators, controls, format characters (zero-width, direction), private and
    /// unassigned code points, and for what Unicode draws as nothing though it is called a letter
    /// or a mark: Hangul fillers, variation selectors, the grapheme joiner.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard !properties.isWhitespace, !properties.isDefaultIgnorableCodePoint else {
            return false
        }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            return false
        default:
            return true
        }
    }
}
