package import Bytes
import Foundation

/// Brings passwords into the one form that is hashed and checked.
package enum PasswordNormalization {
    /// The NFC form (Unicode Standard Annex #15) of `raw`, as UTF-8.
    ///
    /// Two keyboards may send the same visible text as different scalars; NFC makes them one
    /// password. ASCII is its own NFC form and comes back as the same block, without a copy. So do
    /// bytes that aren't UTF-8: repairing them would make different passwords equal. Other text
    /// goes through `String`s, whose memory can't be wiped, in pieces of a letter and its marks, so
    /// that what they leave in the heap is not a password.
    ///
    /// Text of more than `rawBytesMax` bytes is returned as it is, too. It is too long in any form, and
    /// ordering a long run of marks takes time quadratic in its length: a second for 60 KB.
    package static func nfc(_ raw: SecretBytes) -> SecretBytes {
        raw.withUnsafeBytes { bytes in
            guard bytes.count <= rawBytesMax, !ASCII.isAll(bytes), UTF8Validation.isValid(bytes)
            else { return raw }
            return inPieces(bytes) { $0.precomposedStringWithCanonicalMapping }
        }
    }

    /// NFC makes no text shorter than a third in UTF-8 (three conjoining jamo become a syllable): what is
    /// longer is above the limit of a password in that form, too.
    static let rawBytesMax = 4_096

    /// Brings a text into a form piece by piece.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - form: depends on no neighbors beyond those that NFC considers.
    /// - Returns: what `form` makes of the pieces, one after the other.
    static func inPieces(
        _ bytes: UnsafeRawBufferPointer, _ form: (String) -> String
    ) -> SecretBytes {
        guard !bytes.isEmpty else { return SecretBytes() }
        var formed: [UInt8] = []
        // NFC makes a text at most three times as long in UTF-8 (UAX #15): an array that never
        // moves leaves no copy behind.
        formed.reserveCapacity(3 * bytes.count)
        defer { wipe(&formed) }
        var start = 0
        for end in 1...bytes.count where end == bytes.count || begins(bytes, at: end) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            formed.append(contentsOf: form(String(decoding: piece, as: UTF8.self)).utf8)
            start = end
        }
        return formed.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// Whether a scalar starts at `index` that neither combines with anything before it nor moves:
    /// the NFC of a text is that of its parts there. True only for letters and signs that are
    /// common and certain (ASCII, Latin, Greek, Cyrillic, kana, Han); anything else stays with what
    /// is before it.
    private static func begins(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        switch bytes[index] {
        case 0x00...0x7F: return true
        // U+0080 to U+02FF: no marks there.
        case 0xC2...0xCB: return true
        // U+0370 to U+047F: Greek and Cyrillic, without Cyrillic's marks from U+0483 on.
        case 0xCD: return bytes[index + 1] >= 0xB0
        case 0xCE...0xD1: return true
        // U+3041 to U+30FF, without the sound marks at U+3099 and U+309A.
        case 0xE3:
            return switch (bytes[index + 1], bytes[index + 2]) {
            case (0x81, 0x81...), (0x83, _): true
            case (0x82, let last): last != 0x99 && last != 0x9A
            default: false
            }
        // U+4000 to U+8FFF: Han.
        case 0xE4...0xE8: return true
        default: return false
        }
    }
}
