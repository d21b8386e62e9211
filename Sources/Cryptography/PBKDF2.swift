package import Bytes
import COpenSSL

/// PBKDF2 with HMAC (RFC 8018 §5.2): a key from a password.
///
/// Blocks for as long as the iterations take (100,000 are tens of milliseconds): call it on a
/// worker pool.
package enum PBKDF2 {
    /// The iterations accepted. The count is read from stored data, so it has an upper bound:
    /// 10,000,000 take several seconds on one core.
    package static let iterations = 1...10_000_000

    /// More than any key or test vector needs; each digest of output costs all iterations again.
    package static let outputBytesMax = 1024

    /// `count` bytes derived from `password`.
    ///
    /// - Parameters:
    ///   - hash: the hash function of the HMAC inside.
    ///   - password: any bytes, may be empty.
    ///   - salt: public; 16 random bytes in new data.
    ///   - iterations: in `PBKDF2.iterations`.
    ///   - count: 1 to `outputBytesMax`.
    /// - Returns: the derived key.
    /// - Throws: `iterationsOutOfRange`, `outputLengthOutOfRange`, `libraryFailure`.
    package static func derive(
        hash: HashAlgorithm, password: SecretBytes, salt: [UInt8], iterations: Int, count: Int
    ) throws(CryptographyError) -> SecretBytes {
        guard PBKDF2.iterations.contains(iterations) else {
            throw .iterationsOutOfRange(PBKDF2.iterations)
        }
        guard (1...outputBytesMax).contains(count) else {
            throw .outputLengthOutOfRange(bytesMax: outputBytesMax)
        }
        return try SecretBytes(count: count) { output throws(CryptographyError) in
            try fill(
                output, hash: hash, password: password, salt: salt, iterations: UInt32(iterations))
        }
    }

    private static func fill(
        _ output: UnsafeMutableRawBufferPointer,
        hash: HashAlgorithm, password: SecretBytes, salt: [UInt8], iterations: UInt32
    ) throws(CryptographyError) {
        let derivation = try KeyDerivation("PBKDF2")
        var iterations = iterations
        // RFC 8018 has no lower bounds on salt and count; SP 800-132 would refuse old data.
        var withoutLowerBounds: Int32 = 1
        try withUnsafeMutablePointer(to: &iterations) { count throws(CryptographyError) in
            try withUnsafeMutablePointer(to: &withoutLowerBounds) {
                mode throws(CryptographyError) in
                let numbers = [
                    OSSL_PARAM_construct_uint(("iter" as StaticString).cString, count),
                    OSSL_PARAM_construct_int(("pkcs5" as StaticString).cString, mode),
                ]
                try password.withUnsafeBytes { password throws(CryptographyError) in
                    try salt.withRawBytes { salt throws(CryptographyError) in
                        let parameters = [
                            KeyDerivation.digestParameter(hash),
                            KeyDerivation.parameter("pass", password),
                            KeyDerivation.parameter("salt", salt),
                        ]
                        try derivation.derive(parameters + numbers, into: output)
                    }
                }
            }
        }
    }
}
