package import Bytes

/// AES-256-GCM (NIST SP 800-38D) with a 16-byte tag.
package enum AESGCM {
    /// The length of a key, in bytes.
    package static let keyByteCount = 32
    /// The length of a nonce in new data, in bytes (SP 800-38D §5.2.1.1 recommends it).
    package static let nonceByteCount = 12
    /// The length of the nonces in the old application's data, in bytes; only opened, never made.
    package static let oldNonceByteCount = 16
    /// The length of a tag, in bytes.
    package static let tagByteCount = 16
    /// The most bytes of plaintext, and of additional data: what is sealed here are secrets and
    /// tokens of some hundred bytes.
    package static let inputBytesMax = 1 << 20

    /// Encrypts and authenticates.
    ///
    /// - Parameters:
    ///   - plaintext: at most `inputBytesMax` bytes.
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - additionalData: authenticated, not stored; at most `inputBytesMax` bytes.
    /// - Returns: the ciphertext, as long as the plaintext, and the 16-byte tag.
    /// - Throws: `keyLengthInvalid`, `nonceLengthInvalid`, `inputTooLong`, `libraryFailure`.
    package static func seal(
        _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptographyError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        guard nonce.count == nonceByteCount else { throw .nonceLengthInvalid }
        try check(key: key, inputCount: plaintext.count, additionalData)
        let context = try makeContext(sealing: true, key, nonce, additionalData)
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        try plaintext.withUnsafeBytes { plaintext throws(CryptographyError) in
            try ciphertext.withMutableRawBytes { ciphertext throws(CryptographyError) in
                try context.process(plaintext, into: ciphertext)
            }
        }
        return (ciphertext, try context.finishSealing())
    }

    /// Checks and decrypts. If the tag does not match, the plaintext is wiped and not returned.
    ///
    /// - Parameters:
    ///   - ciphertext: at most `inputBytesMax` bytes.
    ///   - tag: exactly 16 bytes; a shortened tag is refused.
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, or 16 in old data.
    ///   - additionalData: what was given to `seal`.
    /// - Returns: the plaintext.
    /// - Throws: `authenticationFailed`, also for a tag of another length; `keyLengthInvalid`,
    ///   `nonceLengthInvalid`, `inputTooLong`, `libraryFailure`.
    package static func open(
        _ ciphertext: [UInt8], tag: [UInt8], key: SecretBytes, nonce: [UInt8],
        additionalData: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        guard nonce.count == nonceByteCount || nonce.count == oldNonceByteCount else {
            throw .nonceLengthInvalid
        }
        try check(key: key, inputCount: ciphertext.count, additionalData)
        guard tag.count == tagByteCount else { throw .authenticationFailed }
        let context = try makeContext(sealing: false, key, nonce, additionalData)
        // A SecretBytes wipes its block when its `init` throws.
        return try SecretBytes(count: ciphertext.count) { plaintext throws(CryptographyError) in
            try ciphertext.withRawBytes { ciphertext throws(CryptographyError) in
                try context.process(ciphertext, into: plaintext)
            }
            try context.finishOpening(tag: tag)
        }
    }

    private static func check(
        key: SecretBytes, inputCount: Int, _ additionalData: [UInt8]
    ) throws(CryptographyError) {
        guard key.count == keyByteCount else {
            throw .keyLengthInvalid(bytesExpected: keyByteCount)
        }
        guard inputCount <= inputBytesMax, additionalData.count <= inputBytesMax else {
            throw .inputTooLong(bytesMax: inputBytesMax)
        }
    }

    private static func makeContext(
        sealing: Bool, _ key: SecretBytes, _ nonce: [UInt8], _ additionalData: [UInt8]
    ) throws(CryptographyError) -> CipherContext {
        let context = try CipherContext()
        try key.withUnsafeBytes { key throws(CryptographyError) in
            try nonce.withRawBytes { nonce throws(CryptographyError) in
                try context.start(sealing: sealing, key: key, nonce: nonce)
            }
        }
        try additionalData.withRawBytes { data throws(CryptographyError) in
            try context.authenticate(data)
        }
        return context
    }
}
