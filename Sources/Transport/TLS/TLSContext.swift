import Bytes
import COpenSSL
import Synchronization

/// Owns one `SSL_CTX`: the rules and keys that many `TLSSession`s share.
///
/// TLS 1.2 and 1.3 only, forward secrecy and AEAD ciphers only, no compression, no renegotiation,
/// no early data. `SSL_CTX_set_security_level(2)`: RSA and DH from 2048 bits, no SHA-1 signatures.
///
/// `@unchecked Sendable`: the `SSL_CTX` does not change after `init` except for its ticket keys,
/// which only `rotateTicketKeys()` changes, on the loop where all handshakes of servers happen;
/// OpenSSL counts references and guards its caches with its own locks. The kept session has a lock.
package final class TLSContext: @unchecked Sendable {
    /// Certificates the other side may send, in bytes: a chain of three is about 5 KiB.
    private static let certificateListBytesMax = 32 * 1024
    /// How long a session may be resumed. Its certificate was verified at its start; later only
    /// its expiry is checked again.
    private static let sessionSeconds = 3600
    private static let ticketKeyByteCount = 80

    let pointer: OpaquePointer
    /// The name to find in the server's certificate; nil for a server's context.
    let serverName: String?
    /// An `SSL_SESSION` that a client's next connection may resume.
    private let session = Mutex<UInt?>(nil)

    /// A server's rules.
    ///
    /// - Parameter material: the server's certificate and key, and the authorities of its clients.
    /// - Throws: `TLSMaterialError`.
    package convenience init(server material: TLSServerMaterial) throws(TLSMaterialError) {
        try self.init(TLS_server_method(), serverName: nil)
        try use(material.keyPair)
        // Sessions are in tickets, which contain the client's certificate; nothing is stored here.
        copenssl_ctx_set_session_cache(pointer, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_num_tickets(pointer, 1)
        // Sessions are only resumed in their own context; with certificates, OpenSSL requires this.
        let context = Array("authd".utf8)
        SSL_CTX_set_session_id_context(pointer, context, UInt32(context.count))
        if let authorities = material.clientAuthorities {
            try trust(authorities, areNamedToClients: true)
            SSL_CTX_set_verify(
                pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        } else {
            SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
        }
        rotateTicketKeys()
    }

    /// A client's rules, for one server.
    ///
    /// - Parameters:
    ///   - material: the authorities to trust, and the client's certificate and key, if any.
    ///   - host: the host to connect to; its certificate must be for it, unless `material` says
    ///     otherwise.
    /// - Throws: `TLSMaterialError`.
    package convenience init(
        client material: TLSClientMaterial, host: String
    ) throws(TLSMaterialError) {
        try self.init(TLS_client_method(), serverName: material.serverName ?? host)
        if let keyPair = material.keyPair { try use(keyPair) }
        if let authorities = material.authorities {
            try trust(authorities, areNamedToClients: false)
        } else {
            SSL_CTX_set_default_verify_paths(pointer)
            TLSErrorQueue.clear()
        }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        copenssl_ctx_set_session_cache(
            pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        // Unretained: an OpenSSL session has a `TLSSession`, which holds this object.
        SSL_CTX_set_ex_data(pointer, 0, Unmanaged.passUnretained(self).toOpaque())
        SSL_CTX_sess_set_new_cb(pointer, keepSession)
    }

    private init(_ method: OpaquePointer, serverName: String?) throws(TLSMaterialError) {
        TLSErrorQueue.clear()
        guard let context = SSL_CTX_new(method) else {
            throw TLSMaterialError(
                .certificate, "TLS is not available: \(TLSErrorQueue.takeText())")
        }
        pointer = context
        self.serverName = serverName
        let isSet =
            copenssl_ctx_set_min_version(context, TLS1_2_VERSION) == 1
            && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
            && copenssl_ctx_set_groups(context, "X25519:P-256:P-384") == 1
        guard isSet else {
            throw TLSMaterialError(
                .certificate, "TLS can't be set up: \(TLSErrorQueue.takeText())")
        }
        SSL_CTX_set_security_level(context, 2)
        _ = copenssl_ctx_set_options(context)
        // Saves 34 KiB per idle connection.
        copenssl_ctx_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        copenssl_ctx_set_certificate_list_max(context, TLSContext.certificateListBytesMax)
        SSL_CTX_set_timeout(context, TLSContext.sessionSeconds)
    }

    deinit {
        takeSession().map(SSL_SESSION_free)
        SSL_CTX_free(pointer)
    }

    // MARK: - Material

    private func use(_ keyPair: TLSKeyPair) throws(TLSMaterialError) {
        let chain = try PEMCertificates(keyPair.certificates, .certificate)
        let key = try PEMCertificates.key(keyPair.key)
        defer { EVP_PKEY_free(key) }
        TLSErrorQueue.clear()
        defer { TLSErrorQueue.clear() }
        guard chain.certificates.count <= 10, let first = chain.certificates.first else {
            throw TLSMaterialError(.certificate, "contains more than 10 certificates")
        }
        guard SSL_CTX_use_certificate(pointer, first) == 1 else {
            throw TLSMaterialError(
                .certificate,
                "is refused: \(TLSErrorQueue.takeText()); RSA keys need at least 2048 bits")
        }
        // SSL_CTX_use_certificate silently drops an earlier private key that does not match. So the
        // certificate is set first, and the pair checked here, before SSL_CTX_use_PrivateKey.
        guard X509_check_private_key(first, key) == 1 else {
            throw TLSMaterialError(
                .key,
                "is not the private key of the certificate; name a matching pair"
            )
        }
        guard SSL_CTX_use_PrivateKey(pointer, key) == 1 else {
            throw TLSMaterialError(.key, "is refused: \(TLSErrorQueue.takeText())")
        }
        for certificate in chain.certificates.dropFirst() {
            X509_up_ref(certificate)
            guard copenssl_ctx_add_chain_certificate(pointer, certificate) == 1 else {
                X509_free(certificate)
                throw TLSMaterialError(
                    .certificate, "has a chain that is refused: \(TLSErrorQueue.takeText())")
            }
        }
    }

    /// Makes each certificate of `text` a trust anchor, even an intermediate one.
    private func trust(
        _ text: SecretBytes, areNamedToClients: Bool
    ) throws(TLSMaterialError) {
        let authorities = try PEMCertificates(text, .authorities)
        TLSErrorQueue.clear()
        defer { TLSErrorQueue.clear() }
        let store = SSL_CTX_get_cert_store(pointer)
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        for authority in authorities.certificates {
            guard X509_check_ca(authority) > 0 else {
                throw TLSMaterialError(
                    .authorities,
                    "contains a certificate that is not an authority's (basicConstraints CA:TRUE)")
            }
            guard X509_STORE_add_cert(store, authority) == 1 else {
                throw TLSMaterialError(
                    .authorities,
                    "contains a certificate that is refused: "
                        + TLSErrorQueue.takeText())
            }
            if areNamedToClients { SSL_CTX_add_client_CA(pointer, authority) }
        }
    }

    /// When the certificate of this side expires, in seconds from now; negative when it has
    /// expired, nil when there is none.
    package var certificateSecondsLeft: Int? {
        guard let certificate = SSL_CTX_get0_certificate(pointer) else { return nil }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1 else {
            return nil
        }
        return Int(days) * 86_400 + Int(seconds)
    }

    // MARK: - Sessions

    /// New keys for session tickets: those issued so far become invalid. A key that
    /// is stolen later opens only the tickets, and thus the TLS 1.2 sessions, of its own time.
    ///
    /// On the loop of this context's handshakes.
    func rotateTicketKeys() {
        var keys = [UInt8](repeating: 0, count: TLSContext.ticketKeyByteCount)
        defer { keys.withUnsafeMutableBytes { wipe($0) } }
        // Without random numbers, the old keys, which are random, are better than none.
        guard RAND_priv_bytes(&keys, Int32(keys.count)) == 1 else { return TLSErrorQueue.clear() }
        _ = copenssl_ctx_set_ticket_keys(pointer, &keys, keys.count)
        TLSErrorQueue.clear()
    }

    /// Stores a session, an `SSL_SESSION` whose ownership is passed in, and frees the previous one.
    func keep(_ new: OpaquePointer) {
        let old = session.withLock { session in
            defer { session = UInt(bitPattern: new) }
            return session
        }
        old.flatMap(OpaquePointer.init(bitPattern:)).map(SSL_SESSION_free)
    }

    /// The stored session, whose ownership passes to the caller: a ticket is used once (RFC 8446
    /// §C.4).
    func takeSession() -> OpaquePointer? {
        session.withLock { session in
            defer { session = nil }
            return session.flatMap(OpaquePointer.init(bitPattern:))
        }
    }
}

/// OpenSSL's callback for a new session (`SSL_CTX_sess_set_new_cb`); 1 says that it is ours now.
private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    guard let ssl, let session, let context = SSL_get_SSL_CTX(ssl),
        let owner = SSL_CTX_get_ex_data(context, 0)
    else { return 0 }
    Unmanaged<TLSContext>.fromOpaque(owner).takeUnretainedValue().keep(session)
    return 1
}
