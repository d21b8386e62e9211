package import Bytes
import COpenSSL

/// Random bytes from OpenSSL's generator, which the kernel seeds.
///
/// If it fails, the process stops: no caller could continue safely without randomness.
package enum SecureRandom {
    /// The most bytes of one call: far more than any key or token, so that a wrong count is
    /// noticed.
    package static let countMax = 1 << 20

    /// `count` bytes (0 to `countMax`) that may become public: nonces, salts, identifiers.
    package static func bytes(_ count: Int) -> [UInt8] {
        check(count)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if count > 0 && RAND_bytes(buffer.baseAddress, Int32(count)) != 1 {
                ErrorQueue.stop("the random generator")
            }
            initialized = count
        }
    }

    /// `count` bytes (0 to `countMax`) that stay secret, from OpenSSL's separate generator for
    /// them.
    package static func secret(_ count: Int) -> SecretBytes {
        check(count)
        return SecretBytes(count: count) { buffer in
            let start = buffer.bindMemory(to: UInt8.self).baseAddress
            if count > 0 && RAND_priv_bytes(start, Int32(count)) != 1 {
                ErrorQueue.stop("the random generator")
            }
        }
    }

    private static func check(_ count: Int) {
        precondition((0...countMax).contains(count), "no such amount of random bytes")
    }
}
