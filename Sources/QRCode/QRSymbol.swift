import Bytes
import CQRCodeGen

/// A code as libqrcodegen packs it.
///
/// That library allocates nothing: it works in the two buffers that it is given, and both are
/// wiped.
struct QRSymbol {
    /// Versions 1 to 18 (ISO/IEC 18004 §6.3): the last has 89 modules per side and holds 560 bytes.
    private static let versionMax: Int32 = 18
    /// `qrcodegen_BUFFER_LEN_FOR_VERSION`, a macro that Swift does not see: a bit for each module
    /// and one byte more.
    private static let bufferBytes = (89 * 89 + 7) / 8 + 1

    private let symbol: SecretBytes

    /// Encodes bytes in 8-bit mode, in the smallest version that holds them, with as much
    /// correction as fits.
    ///
    /// - Parameters:
    ///   - text: 1 to `QRCode.textBytesMax` bytes.
    ///   - correction: the minimum for the code.
    /// - Throws: `.libraryFailure`.
    init(
        encoding text: SecretBytes, _ correction: QRCode.Correction
    ) throws(QRCodeError) {
        let level =
            switch correction {
            case .low: qrcodegen_Ecc_LOW
            case .medium: qrcodegen_Ecc_MEDIUM
            }
        symbol = try SecretBytes(count: QRSymbol.bufferBytes) { symbol throws(QRCodeError) in
            let isEncoded = QRSymbol.withWorkspace { workspace in
                text.withUnsafeBytes { workspace.copyMemory(from: $0) }
                return qrcodegen_encodeBinary(
                    workspace.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count,
                    symbol.baseAddress?.assumingMemoryBound(to: UInt8.self), level, 1,
                    QRSymbol.versionMax, qrcodegen_Mask_AUTO, true)
            }
            guard isEncoded else { throw .libraryFailure }
        }
    }

    /// Memory for a call, wiped after it.
    private static func withWorkspace(
        _ body: (UnsafeMutableRawBufferPointer) -> Bool
    ) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: bufferBytes, alignment: 1) { workspace in
            defer { wipe(workspace) }
            return body(workspace)
        }
    }

    /// Modules per side.
    var side: Int {
        symbol.withUnsafeBytes {
            Int(qrcodegen_getSize($0.assumingMemoryBound(to: UInt8.self).baseAddress))
        }
    }

    /// 1 for each dark module and 0 for each light one, row by row.
    var modules: SecretBytes {
        let side = side
        return SecretBytes(count: side * side) { modules in
            symbol.withUnsafeBytes { symbol in
                let symbol = symbol.assumingMemoryBound(to: UInt8.self).baseAddress
                for index in modules.indices {
                    let row = Int32(index / side)
                    let column = Int32(index % side)
                    modules[index] = qrcodegen_getModule(symbol, column, row) ? 1 : 0
                }
            }
        }
    }
}
