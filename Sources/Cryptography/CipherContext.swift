import COpenSSL

/// Owns one `EVP_CIPHER_CTX` for one message under AES-256-GCM; freeing it wipes the key schedule.
struct CipherContext: ~Copyable {
    private let context: OpaquePointer

    /// - Throws: `libraryFailure`.
    init() throws(CryptographyError) {
        ErrorQueue.clear()
        guard let context = EVP_CIPHER_CTX_new() else {
            throw ErrorQueue.failure("preparing AES-GCM")
        }
        self.context = context
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Takes `key` (32 bytes) and `nonce` (12 or 16 bytes).
    ///
    /// - Throws: `libraryFailure`.
    func start(
        sealing: Bool, key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer
    ) throws(CryptographyError) {
        ErrorQueue.clear()
        let direction: Int32 = sealing ? 1 : 0
        // The nonce's length must be known before the nonce itself is set.
        guard
            EVP_CipherInit_ex2(context, Cipher.aes256GCM.pointer, nil, nil, direction, nil) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1,
            EVP_CipherInit_ex2(
                context, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                nonce.baseAddress?.assumingMemoryBound(to: UInt8.self), direction, nil) == 1
        else { throw ErrorQueue.failure("preparing AES-GCM") }
    }

    /// Takes data that is authenticated but not encrypted.
    ///
    /// - Throws: `libraryFailure`.
    func authenticate(_ data: UnsafeRawBufferPointer) throws(CryptographyError) {
        try update(data, into: nil)
    }

    /// Encrypts or decrypts `input` to `output`, which has the same count.
    ///
    /// - Throws: `libraryFailure`.
    func process(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) {
        precondition(output.count == input.count, "no room for the output")
        try update(input, into: output.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    /// The 16-byte tag of what was sealed.
    ///
    /// - Throws: `libraryFailure`.
    func finishSealing() throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        var tag = [UInt8](repeating: 0, count: AESGCM.tagByteCount)
        var written: Int32 = 0
        guard EVP_CipherFinal_ex(context, &tag, &written) == 1, written == 0,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
        else { throw ErrorQueue.failure("sealing with AES-GCM") }
        return tag
    }

    /// Compares the tag, in constant time inside OpenSSL.
    ///
    /// - Throws: `authenticationFailed`, `libraryFailure`.
    func finishOpening(tag: [UInt8]) throws(CryptographyError) {
        ErrorQueue.clear()
        // Both calls want writable memory, but write nothing here.
        var tag = tag
        var rest = [UInt8](repeating: 0, count: AESGCM.tagByteCount)
        var written: Int32 = 0
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
        else { throw ErrorQueue.failure("opening with AES-GCM") }
        guard EVP_CipherFinal_ex(context, &rest, &written) == 1, written == 0 else {
            ErrorQueue.clear()
            throw .authenticationFailed
        }
    }

    private func update(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>?
    ) throws(CryptographyError) {
        // OpenSSL would treat an empty update without output as the end of the message.
        guard !input.isEmpty else { return }
        ErrorQueue.clear()
        var written: Int32 = 0
        let start = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard EVP_CipherUpdate(context, output, &written, start, Int32(input.count)) == 1,
            written == Int32(input.count)
        else { throw ErrorQueue.failure("AES-GCM") }
    }
}

/// Owns a cipher as OpenSSL's provider offers it, found once.
///
/// `@unchecked Sendable`: an `EVP_CIPHER` does not change after it was fetched.
private final class Cipher: @unchecked Sendable {
    static let aes256GCM = Cipher("AES-256-GCM")

    let pointer: OpaquePointer

    private init(_ name: StaticString) {
        guard let cipher = EVP_CIPHER_fetch(nil, name.cString, nil) else {
            ErrorQueue.stop("finding the cipher")
        }
        pointer = cipher
    }

    deinit {
        EVP_CIPHER_free(pointer)
    }
}
