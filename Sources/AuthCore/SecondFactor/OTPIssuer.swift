/// The service name under which authenticators list an account.
package struct OTPIssuer: Sendable, Equatable {
    /// The most bytes of UTF-8: a line on a phone. Every byte may take three in a key URI,
    /// where the name occurs twice, and the URI must fit a QR code.
    package static let bytesMax = 40

    /// The name.
    package let name: String

    /// - Parameter name: 1 to `bytesMax` bytes, without a colon (it ends the name in a key URI),
    ///   control characters, or white space at the ends; nil for anything else.
    package init?(_ name: String) {
        let scalars = name.unicodeScalars
        guard let first = scalars.first, let last = scalars.last,
            name.utf8.count <= OTPIssuer.bytesMax,
            !first.properties.isWhitespace, !last.properties.isWhitespace,
            !scalars.contains(where: { $0 == ":" || OTPIssuer.isControl($0) })
        else { return nil }
        self.name = name
    }

    /// Whether a scalar controls the display instead of being shown: control and format
    /// characters, which can reverse the order of what follows, and line ends.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
