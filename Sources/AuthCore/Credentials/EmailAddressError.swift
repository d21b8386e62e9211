/// The rule that a text breaks which should be an email address.
///
/// Its description is one sentence for the caller, without the address.
package enum EmailAddressError: Error, Hashable, Sendable, CaseIterable {
    /// More than `EmailAddress.inputBytesMax` bytes came in; nothing else was examined.
    case inputTooLong
    /// Nothing is left after removing white space.
    case empty
    /// More than 254 bytes in the stored form (RFC 5321 §4.5.3.1.3 less the brackets).
    case tooLong
    /// A white space, a control, an invisible, a private or an unassigned character.
    case characterForbidden
    /// There is no `@`, or more than one.
    case atSignCount
    /// The local part has no bytes, or more than 64 (RFC 5321 §4.5.3.1.1).
    case localPartLength
    /// A dot is at an end of the local part, or next to another.
    case localPartDots
    /// A character that needs quotes, or that isn't a letter, a mark or a digit beyond ASCII.
    case localPartCharacter
    /// The domain has fewer than two labels.
    case domainLabelCount
    /// A label of the domain has no bytes, or more than 63 (RFC 1035 §2.3.4).
    case domainLabelLength
    /// A character of the domain is not a letter, mark, digit or hyphen; also an address literal.
    case domainCharacter
    /// A label of the domain begins or ends with a hyphen (RFC 1123 §2.1).
    case domainHyphen
    /// The last label is a number, as in an IP address (RFC 3696 §2).
    case domainNumeric
    /// A combining mark has nothing to combine with.
    case markFirst
}

extension EmailAddressError: CustomStringConvertible {
    /// One sentence for the caller; it never repeats the address.
    package var description: String {
        switch self {
        case .inputTooLong: "The email address is longer than 1,024 bytes."
        case .empty: "The email address is empty."
        case .tooLong: "The email address is longer than 254 bytes."
        case .characterForbidden:
            "The email address contains a space, a control character or an invisible character."
        case .atSignCount: "The email address must contain exactly one @."
        case .localPartLength: "The part before the @ must have 1 to 64 bytes."
        case .localPartDots:
            "The part before the @ must not begin or end with a dot, nor have two in a row."
        case .localPartCharacter: "The part before the @ contains a character that isn't allowed."
        case .domainLabelCount: "The domain of the email address must contain a dot."
        case .domainLabelLength: "Each part of the domain must have 1 to 63 bytes."
        case .domainCharacter:
            "The domain may contain letters, digits, hyphens and dots only."
        case .domainHyphen: "No part of the domain may begin or end with a hyphen."
        case .domainNumeric: "The last part of the domain must not be a number."
        case .markFirst: "The email address contains an accent without a letter before it."
        }
    }
}
