package import Bytes

/// A QR code (ISO/IEC 18004) of a text that may be secret, such as a key URI.
package struct QRCode: Sendable {
    /// The longest text: at most version 18, 89 modules per side, about what a phone can read from
    /// a screen.
    package static let textBytesMax = 512
    /// The light border that readers need, in modules (ISO/IEC 18004 §5.3.8).
    package static let quietZone = 4
    /// Borders that can be requested, in modules. More only makes the image larger.
    package static let quietZones = 0...16

    /// How much of a code may be unreadable, at least (ISO/IEC 18004 §7.5.1). More needs a
    /// larger code.
    package enum Correction: Sendable {
        /// 7 % (level L): enough for a screen.
        case low
        /// 15 % (level M): for pictures that are scaled, or printed.
        case medium
    }

    /// Modules per side, without the border: 21 to 89.
    package let side: Int
    /// 1 for each dark module and 0 for each light one, row by row.
    let modules: SecretBytes

    /// - Parameters:
    ///   - text: 1 to `textBytesMax` bytes; readers interpret them as UTF-8 or Latin 1.
    ///   - correction: how much of it may be unreadable.
    /// - Throws: `.textLengthInvalid`, `.libraryFailure`.
    package init(
        _ text: SecretBytes, correction: Correction = .medium
    ) throws(QRCodeError) {
        guard (1...QRCode.textBytesMax).contains(text.count) else { throw .textLengthInvalid }
        let symbol = try QRSymbol(encoding: text, correction)
        side = symbol.side
        modules = symbol.modules
    }
}
