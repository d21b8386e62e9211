package import Bytes

/// A QR code (ISO/IEC 18004) of a text that may be secret, such as a key URI.
package struct QRCode: Sendable {
    /// The longest text: version 18, 89 modules a side, about what a telephone reads from a screen.
    package static let textBytesMax = 512
    /// The light border that readers need, in modules (ISO/IEC 18004 §5.3.8).
    package static let quietZone = 4
    /// Borders that can be asked for, in modules. More only makes the image larger.
    package static let quietZones = 0...16

    /// Modules a side, without the border: 21 to 89.
    package let side: Int
    /// 1 for each dark module and 0 for each light one, row by row.
    let modules: SecretBytes

    /// - Parameter text: 1 to `textBytesMax` bytes; readers take them for UTF-8 or Latin 1.
    /// - Throws: `.textLengthInvalid`, `.libraryFailure`.
    package init(_ text: SecretBytes) throws(QRCodeError) {
        guard (1...QRCode.textBytesMax).contains(text.count) else { throw .textLengthInvalid }
        let symbol = try QRSymbol(encoding: text)
        side = symbol.side
        modules = symbol.modules
    }
}
