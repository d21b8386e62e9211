import COpenSSL

/// Owns one `EVP_MD_CTX`, set up to sign or verify one message.
struct SignatureContext: ~Copyable {
    private let context: OpaquePointer

    /// - Throws: `libraryFailure`.
    init(
        _ key: OpaquePointer, _ algorithm: SignatureAlgorithm, signing: Bool
    ) throws(CryptographyError) {
        ErrorQueue.clear()
        guard let context = EVP_MD_CTX_new() else {
            throw ErrorQueue.failure("preparing a signature")
        }
        guard SignatureContext.start(context, key, algorithm, signing: signing) else {
            EVP_MD_CTX_free(context)
            throw ErrorQueue.failure("preparing a signature")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// The signature in OpenSSL's form (DER for ECDSA).
    ///
    /// - Parameters:
    ///   - message: the whole message.
    ///   - bytesMax: the longest signature of the key.
    /// - Returns: the signature.
    /// - Throws: `libraryFailure`.
    func sign(
        _ message: UnsafeRawBufferPointer, bytesMax: Int
    ) throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        var signature = [UInt8](repeating: 0, count: bytesMax)
        var count = bytesMax
        let start = SignatureContext.pointer(message)
        guard EVP_DigestSign(context, &signature, &count, start, message.count) == 1 else {
            throw ErrorQueue.failure("signing")
        }
        signature.removeLast(bytesMax - count)
        return signature
    }

    /// Whether `signature`, in OpenSSL's form, is valid.
    func isValid(
        _ signature: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer
    ) -> Bool {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        return EVP_DigestVerify(
            context, SignatureContext.pointer(signature), signature.count,
            SignatureContext.pointer(message), message.count) == 1
    }

    private static func start(
        _ context: OpaquePointer, _ key: OpaquePointer, _ algorithm: SignatureAlgorithm,
        signing: Bool
    ) -> Bool {
        // Belongs to `context`.
        var keyContext: OpaquePointer?
        let digest = algorithm.hash?.name.cString
        let started =
            signing
            ? EVP_DigestSignInit_ex(context, &keyContext, digest, nil, nil, key, nil)
            : EVP_DigestVerifyInit_ex(context, &keyContext, digest, nil, nil, key, nil)
        guard started == 1 else { return false }
        switch algorithm {
        case .rs256:
            return EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PADDING) == 1
        case .ps256:
            // The salt is as long as the digest (RFC 7518 §3.5): verified too, not guessed from
            // the signature. MGF1 takes the signature's digest by default.
            return EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST) == 1
        default:
            return true
        }
    }

    /// Never null, which OpenSSL would take as a query for the length.
    private static func pointer(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8> {
        guard let start = bytes.baseAddress else { return ("" as StaticString).utf8Start }
        return start.assumingMemoryBound(to: UInt8.self)
    }
}
