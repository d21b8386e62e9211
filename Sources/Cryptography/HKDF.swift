package import Bytes
import COpenSSL

/// HKDF, extract and expand (RFC 5869): keys from a key that is already strong.
package enum HKDF {
    /// OpenSSL's own limit on `info`.
    package static let infoBytesMax = 1024

    /// The most bytes of one derivation: 255 digests (RFC 5869 §2.3).
    package static func outputBytesMax(_ hash: HashAlgorithm) -> Int {
        255 * hash.byteCount
    }

    /// `count` bytes derived from `key`.
    ///
    /// Lengths are the program's choice, never input: one outside the limits stops the process, as
    /// does a failing library.
    ///
    /// - Parameters:
    ///   - hash: the hash function of the HMAC inside.
    ///   - key: the input key, at least one byte.
    ///   - salt: public, may be empty.
    ///   - info: what the output is for, at most `infoBytesMax` bytes; may be empty.
    ///   - count: 1 to `outputBytesMax(hash)`.
    /// - Returns: the derived key.
    package static func derive(
        hash: HashAlgorithm, key: SecretBytes, salt: [UInt8], info: [UInt8], count: Int
    ) -> SecretBytes {
        precondition(!key.isEmpty, "HKDF needs a key")
        precondition(info.count <= infoBytesMax, "the HKDF info is too long")
        precondition((1...outputBytesMax(hash)).contains(count), "no such HKDF output length")
        do throws(CryptographyError) {
            return try SecretBytes(count: count) { output throws(CryptographyError) in
                try fill(output, hash: hash, key: key, salt: salt, info: info)
            }
        } catch {
            fatalError("\(error)")
        }
    }

    private static func fill(
        _ output: UnsafeMutableRawBufferPointer,
        hash: HashAlgorithm, key: SecretBytes, salt: [UInt8], info: [UInt8]
    ) throws(CryptographyError) {
        let derivation = try KeyDerivation("HKDF")
        try key.withUnsafeBytes { key throws(CryptographyError) in
            try salt.withRawBytes { salt throws(CryptographyError) in
                try info.withRawBytes { info throws(CryptographyError) in
                    var parameters = [
                        KeyDerivation.digestParameter(hash),
                        KeyDerivation.parameter("key", key),
                    ]
                    if !salt.isEmpty {
                        parameters.append(KeyDerivation.parameter("salt", salt))
                    }
                    if !info.isEmpty {
                        parameters.append(KeyDerivation.parameter("info", info))
                    }
                    try derivation.derive(parameters, into: output)
                }
            }
        }
    }
}
