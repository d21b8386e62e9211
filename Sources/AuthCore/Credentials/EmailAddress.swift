import Foundation

/// An email address in the one form in which accounts are stored and found.
///
/// The form: white space at the ends removed, NFC, lower case (Unicode's, of no language), NFC
/// again, and `ς` as `σ`; at most 254 bytes of UTF-8. Two addresses are one account exactly when
/// their forms are equal. `xn--` labels and their Unicode form stay two different addresses, and so
/// do letters that only look alike: an address proves nothing by itself, and nothing is sent to it
/// from here.
package struct EmailAddress: Hashable, Sendable {
    /// The most bytes that are examined. Longer input is not even normalized: a form of 254 bytes
    /// comes from about three times as many at most, and the rest leaves room for white space.
    package static let inputBytesMax = 1024
    /// The most bytes of the stored form: a path of 256 bytes less its angle brackets (RFC 5321
    /// §4.5.3.1.3). A domain of more than 253 bytes doesn't fit either, so it has no check.
    package static let bytesMax = 254
    /// The most bytes before the `@` (RFC 5321 §4.5.3.1.1).
    package static let localPartBytesMax = 64

    /// The stored form.
    package let text: String

    /// Checks `input` and brings it into its stored form.
    ///
    /// The local part is a dot-atom (RFC 5321 §4.1.2, RFC 6531 §3.3), the domain two or more labels
    /// of letters, digits and hyphens. Not accepted, though the RFCs know them: quoted local parts,
    /// comments, address literals, and domains of one label, which no mail on the Internet reaches
    /// and which are mostly half-typed. Beyond ASCII only letters, marks and decimal digits pass
    /// (the LetterDigits of RFC 8264 §9.1) that one can see: zero-width joiners are refused too,
    /// though a few scripts write with them, because they make look-alikes that no eye can tell.
    ///
    /// - Parameter input: the address as the user typed it.
    /// - Throws: `EmailAddressError`, the first rule that is broken.
    package init(parsing input: String) throws(EmailAddressError) {
        guard input.utf8.count <= Self.inputBytesMax else { throw .inputTooLong }
        let text = Self.folded(Self.trimmed(input))
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        try EmailSyntax.check(text)
        self.text = text
    }

    /// What is before the `@`.
    package var localPart: String { String(text.utf8.prefix { $0 != UInt8(ascii: "@") }) ?? "" }

    /// What is after the `@`.
    package var domain: String {
        String(text.utf8.drop { $0 != UInt8(ascii: "@") }.dropFirst()) ?? ""
    }

    /// `text` in NFC and lower case. Stable: folding again changes nothing.
    ///
    /// Lower case is taken scalar by scalar (`Σ` is always `σ`, `İ` is `i` with a dot above, `ß`
    /// stays), so that the form depends on neither language nor neighbors. `ς` becomes `σ` (as in
    /// Unicode's case folding): otherwise an address typed in capitals would be a different one.
    static func folded(_ text: String) -> String {
        let lower = text.precomposedStringWithCanonicalMapping.lowercased()
        var folded = String.UnicodeScalarView()
        for scalar in lower.unicodeScalars {
            folded.append(scalar == "\u{3C2}" ? "\u{3C3}" : scalar)
        }
        return String(folded).precomposedStringWithCanonicalMapping
    }

    /// `text` without Unicode white space at its ends.
    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let start = scalars.drop { $0.properties.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(String.UnicodeScalarView(start[...last]))
    }
}
