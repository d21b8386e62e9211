package import Bytes
import Foundation

/// Brings passwords into the one form that is hashed and judged.
package enum PasswordNormalization {
    /// The NFC form (Unicode Standard Annex #15) of `raw`, as UTF-8.
    ///
    /// Two keyboards may send the same visible text as different scalars; NFC makes them one
    /// password. ASCII is its own NFC form and comes back as the same block, without a copy. So do
    /// bytes that aren't UTF-8: mending them would make different passwords equal. Other text
    /// goes through `String`, whose heap copies can't be wiped: they are freed before this returns,
    /// but their bytes stay in the heap until the memory is used again.
    package static func nfc(_ raw: SecretBytes) -> SecretBytes {
        let changes = raw.withUnsafeBytes { bytes in
            !ASCII.isAll(bytes) && UTF8Validation.isValid(bytes)
        }
        guard changes else { return raw }
        let text = raw.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return SecretBytes(utf8: text.precomposedStringWithCanonicalMapping)
    }
}
