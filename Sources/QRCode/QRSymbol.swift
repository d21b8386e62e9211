import Bytes
import CQREncode

/// Owns one `QRcode`, libqrencode's result.
struct QRSymbol: ~Copyable {
    private let symbol: UnsafeMutablePointer<QRcode>

    /// Encodes bytes in 8-bit mode, in the smallest version that holds them.
    ///
    /// - Throws: `.libraryFailure`.
    init(
        encoding text: SecretBytes, _ correction: QRCode.Correction
    ) throws(QRCodeError) {
        let level =
            switch correction {
            case .low: QR_ECLEVEL_L
            case .medium: QR_ECLEVEL_M
            }
        let symbol = text.withUnsafeBytes { text in
            let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return QRcode_encodeData(Int32(text.count), start, 0, level)
        }
        guard let symbol else { throw .libraryFailure }
        self.symbol = symbol
    }

    deinit {
        wipe(UnsafeMutableRawBufferPointer(start: symbol.pointee.data, count: side * side))
        QRcode_free(symbol)
    }

    /// Modules a side.
    var side: Int { Int(symbol.pointee.width) }

    /// 1 for each dark module and 0 for each light one, row by row.
    var modules: SecretBytes {
        let data = UnsafeRawBufferPointer(start: symbol.pointee.data, count: side * side)
        return SecretBytes(count: data.count) { modules in
            for index in modules.indices { modules[index] = data[index] & 1 }
        }
    }
}
