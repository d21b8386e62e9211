package import Bytes

/// An authenticator code as a user sent it: exactly six ASCII digits.
///
/// Nothing is trimmed and nothing converted: white space, a line end, or digits of another script
/// make a text invalid, so each code has one spelling.
package struct TOTPCode: Sendable, Equatable {
    /// The digits of a code (RFC 4226 §5.3, at least six).
    package static let digitCount = 6

    /// The digits, one byte each.
    package let digits: SecretBytes

    /// - Parameter text: what the user sent.
    package init?(_ text: SecretBytes) {
        let isCode = text.withUnsafeBytes { text in
            text.count == TOTPCode.digitCount
                && text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        guard isCode else { return nil }
        digits = text
    }

    /// - Parameter number: below a million; smaller ones get zeros in front.
    init(number: UInt32) {
        precondition(number < 1_000_000, "a code has six digits")
        digits = SecretBytes(count: TOTPCode.digitCount) { digits in
            var rest = number
            for index in digits.indices.reversed() {
                digits[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
    }
}
