package import Bytes

/// How public lists of breached passwords name a password: by its SHA-1. Only for looking it up
/// there.
package enum BreachDigest {
    /// The first 8 of the 20 bytes of SHA-1(`password`), as a big-endian number. Of a list of 10^9
    /// passwords one in 2×10^10 others would share its number with an entry.
    package static func number(of password: SecretBytes) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HashAlgorithm.sha1.byteCount) {
            digest in
            password.withUnsafeBytes { MessageDigest.sha1.digest($0, into: digest) }
            defer { wipe(UnsafeMutableRawBufferPointer(digest)) }
            return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
