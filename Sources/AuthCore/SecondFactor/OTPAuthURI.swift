package import Bytes

/// The URI that an authenticator scans to learn an account's secret (Key URI Format):
/// `otpauth://totp/ISSUER:EMAIL?secret=…&issuer=ISSUER&algorithm=SHA1&digits=6&period=30`.
package struct OTPAuthURI: Sendable, Equatable {
    /// The most bytes of a URI: ASCII that a QR code of 85 by 85 modules holds, which phones
    /// can still read from a screen.
    package static let bytesMax = 500

    /// The URI, in ASCII. It holds the secret.
    package let text: SecretBytes

    /// The label is only for people, so an address too long for the limit is truncated, ending in
    /// `…`.
    ///
    /// - Parameters:
    ///   - issuer: the name of the service.
    ///   - email: the stored form of the account's address.
    ///   - secret: the secret to hand over.
    package init(issuer: OTPIssuer, email: String, secret: TOTPSecret) {
        // Authenticators differ in how they read a `+` or an `&` in the path, but all read `%XX`.
        let name = PercentEncoding.encode(issuer.name)
        let before = Array("otpauth://totp/\(name):".utf8)
        let query = Array("?secret=".utf8)
        let digits = secret.base32
        let parameters = "&issuer=\(name)&algorithm=SHA1"
        let after = Array(
            "\(parameters)&digits=\(TOTPCode.digitCount)&period=\(TOTP.stepSeconds)".utf8)
        let taken = before.count + query.count + digits.count + after.count
        let label = Array(OTPAuthURI.label(email, bytesMax: OTPAuthURI.bytesMax - taken).utf8)
        text = SecretBytes(count: taken + label.count) { text in
            var written = 0
            func append(_ part: UnsafeRawBufferPointer) {
                text[written..<written + part.count].copyBytes(from: part)
                written += part.count
            }
            for part in [before, label, query] { part.withUnsafeBytes { append($0) } }
            digits.withUnsafeBytes { append($0) }
            after.withUnsafeBytes { append($0) }
        }
    }

    /// `email`, encoded, or as many of its characters as fit, followed by `…`.
    private static func label(_ email: String, bytesMax: Int) -> String {
        let whole = PercentEncoding.encode(email)
        guard whole.utf8.count > bytesMax else { return whole }
        let ellipsis = PercentEncoding.encode("…")
        var label = ""
        for character in email {
            let next = PercentEncoding.encode(String(character))
            guard label.utf8.count + next.utf8.count + ellipsis.utf8.count <= bytesMax else {
                break
            }
            label += next
        }
        return label + ellipsis
    }
}
