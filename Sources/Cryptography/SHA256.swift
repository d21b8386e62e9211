/// SHA-256 (FIPS 180-4). Fails only if the library does, and then the process stops.
package enum SHA256 {
    /// The length of a digest, in bytes.
    package static let byteCount = 32

    /// The 32-byte digest of `data`.
    package static func digest(_ data: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, initialized in
            MessageDigest.sha256.digest(
                data, into: UnsafeMutableBufferPointer(rebasing: digest[0..<byteCount]))
            initialized = byteCount
        }
    }

    /// The 32-byte digest of `data`.
    package static func digest(_ data: [UInt8]) -> [UInt8] {
        data.withUnsafeBytes { digest($0) }
    }
}
