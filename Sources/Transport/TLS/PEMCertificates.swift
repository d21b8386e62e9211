import Bytes
import COpenSSL

/// The certificates of a PEM text, and what else is read from PEM. Owns each `X509`.
struct PEMCertificates: ~Copyable {
    /// More than any chain, or company's list of authorities, has.
    static let countMax = 100

    private(set) var certificates: [OpaquePointer] = []

    /// Reads all certificates; other blocks, such as keys, are ignored.
    ///
    /// - Throws: `TLSMaterialError` of `part` for a text without one, or with a damaged one.
    init(_ text: SecretBytes, _ part: TLSMaterialError.Part) throws(TLSMaterialError) {
        TLSErrorQueue.clear()
        defer { TLSErrorQueue.clear() }
        let source = try PEMCertificates.source(text, part)
        defer { BIO_free(source) }
        while certificates.count < PEMCertificates.countMax,
            let certificate = PEM_read_bio_X509(source, nil, refusePassphrase, nil)
        {
            certificates.append(certificate)
        }
        // The end of the text has its own error; anything else is damage.
        let isEnd = copenssl_error_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        guard isEnd else {
            throw TLSMaterialError(
                part, "contains a certificate that can't be read, or more than 100")
        }
        guard !certificates.isEmpty else {
            throw TLSMaterialError(part, "contains no certificate (PEM)")
        }
    }

    deinit {
        for certificate in certificates { X509_free(certificate) }
    }

    /// A private key from PEM; the caller frees it.
    ///
    /// - Throws: `TLSMaterialError` of the key.
    static func key(_ text: SecretBytes) throws(TLSMaterialError) -> OpaquePointer {
        TLSErrorQueue.clear()
        defer { TLSErrorQueue.clear() }
        let source = try source(text, .key)
        defer { BIO_free(source) }
        var passphraseAsked = false
        if let key = PEM_read_bio_PrivateKey(source, nil, refusePassphrase, &passphraseAsked) {
            return key
        }
        throw TLSMaterialError(
            .key,
            passphraseAsked
                ? "is encrypted: remove the passphrase (openssl pkey -in FILE -out NEW)"
                : "contains no private key (PEM)")
    }

    private static func source(
        _ text: SecretBytes, _ part: TLSMaterialError.Part
    ) throws(TLSMaterialError) -> OpaquePointer {
        // A copy inside the BIO, since the text's pointer is only valid in its closure.
        guard let source = BIO_new(BIO_s_secmem()),
            text.withUnsafeBytes({ BIO_write(source, $0.baseAddress, Int32($0.count)) })
                == Int32(text.count)
        else { throw TLSMaterialError(part, "can't be read: no memory") }
        copenssl_bio_set_empty_is_end(source)
        return source
    }
}

/// OpenSSL's passphrase callback (`pem_password_cb`): returns none, and records in `asked`, a
/// `Bool` if there is one, that one was needed. Without a callback OpenSSL would ask on the
/// terminal.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int32, _ writing: Int32,
    _ asked: UnsafeMutableRawPointer?
) -> Int32 {
    asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}
