/// Why a QR code could not be made.
package enum QRCodeError: Error, Equatable, Sendable {
    /// The text is empty or longer than `QRCode.textBytesMax`.
    case textLengthInvalid
    /// libqrcodegen or libpng failed where no input can make it fail: memory, or the installation.
    case libraryFailure
}
