package import Bytes
import CQRImage

extension QRCode {
    /// Pixels per side of a module that can be requested: with the widest border and the largest
    /// code, an image of 1,936 pixels per side, half a megabyte before compression.
    package static let moduleSizes = 1...16

    /// The code as a 1-bit grayscale PNG (ISO/IEC 15948); a few kilobytes.
    ///
    /// - Parameters:
    ///   - moduleSize: pixels per side of a module, in `moduleSizes`.
    ///   - quietZone: the border in modules, in `quietZones`.
    /// - Returns: the file; it is as secret as the text.
    /// - Throws: `.libraryFailure`.
    package func png(
        moduleSize: Int = 6, quietZone: Int = QRCode.quietZone
    ) throws(QRCodeError) -> SecretBytes {
        precondition(QRCode.moduleSizes.contains(moduleSize), "no such module size")
        precondition(QRCode.quietZones.contains(quietZone), "no such quiet zone")
        let image = try PNGImage(self, moduleSize: moduleSize, quietZone: quietZone)
        return image.bytes
    }
}

/// Owns one image that CQRImage made.
private struct PNGImage: ~Copyable {
    private var image: cqrimage_png

    /// - Throws: `.libraryFailure`.
    init(_ code: QRCode, moduleSize: Int, quietZone: Int) throws(QRCodeError) {
        var image = cqrimage_png()
        let result = code.modules.withUnsafeBytes { modules in
            cqrimage_write(modules.baseAddress, code.side, moduleSize, quietZone, &image)
        }
        guard result == 0 else { throw .libraryFailure }
        self.image = image
    }

    deinit {
        var image = image
        cqrimage_free(&image)
    }

    var bytes: SecretBytes {
        SecretBytes(copying: UnsafeRawBufferPointer(start: image.bytes, count: image.count))
    }
}
