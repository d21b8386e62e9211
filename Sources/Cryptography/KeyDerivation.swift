import COpenSSL

/// Owns one `EVP_KDF_CTX` for one derivation; OpenSSL wipes its copies of the input on `deinit`.
struct KeyDerivation: ~Copyable {
    private let context: OpaquePointer

    /// - Throws: `libraryFailure`.
    init(_ name: StaticString) throws(CryptographyError) {
        ErrorQueue.clear()
        guard let function = EVP_KDF_fetch(nil, name.cString, nil) else {
            throw ErrorQueue.failure("finding the key derivation")
        }
        // The context holds its own reference.
        defer { EVP_KDF_free(function) }
        guard let context = EVP_KDF_CTX_new(function) else {
            throw ErrorQueue.failure("preparing the key derivation")
        }
        self.context = context
    }

    deinit {
        EVP_KDF_CTX_free(context)
    }

    /// Fills `output`. The parameters' memory must stay valid during the call.
    ///
    /// - Throws: `libraryFailure`.
    func derive(
        _ parameters: [OSSL_PARAM], into output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) {
        ErrorQueue.clear()
        let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let ended = parameters + [OSSL_PARAM_construct_end()]
        if EVP_KDF_derive(context, start, output.count, ended) != 1 {
            throw ErrorQueue.failure("deriving a key")
        }
    }

    /// A parameter that points to `bytes`, which OpenSSL only reads.
    static func parameter(_ name: StaticString, _ bytes: UnsafeRawBufferPointer) -> OSSL_PARAM {
        OSSL_PARAM_construct_octet_string(
            name.cString, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// The parameter that names the hash function.
    static func digestParameter(_ hash: HashAlgorithm) -> OSSL_PARAM {
        let name: StaticString = "digest"
        return OSSL_PARAM_construct_utf8_string(
            name.cString, UnsafeMutablePointer(mutating: hash.name.cString), 0)
    }
}
