import COpenSSL

/// OpenSSL's error queue of the current thread. It is cleared before each call, and read right
/// after one that failed, in the same synchronous function.
enum TLSErrorQueue {
    static func clear() {
        ERR_clear_error()
    }

    /// The queue's error, and the result of verifying the other side's certificate.
    static func failure(of ssl: OpaquePointer) -> TLSError {
        let code = takeCode()
        guard copenssl_error_library(code) == ERR_LIB_SSL else { return .other(text(code)) }
        let reason = copenssl_error_reason(code)
        // OpenSSL adds the number of a received alert to this (ssl.h).
        if let alert = UInt8(exactly: reason - SSL_AD_REASON_OFFSET) { return .alert(alert) }
        switch reason {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
            SSL_R_BAD_RECORD_TYPE, SSL_R_UNEXPECTED_MESSAGE, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_RECORD_LENGTH_MISMATCH:
            return SSL_is_init_finished(ssl) == 1 ? .other(text(code)) : .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_SSL_VERSION:
            return .versionUnsupported
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
            return .noCommonCipher
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .certificateMissing
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return .certificateRefused(problem(SSL_get_verify_result(ssl)))
        default: return .other(text(code))
        }
    }

    /// OpenSSL's words for the oldest entry, which is the cause; the queue is empty afterwards.
    static func takeText() -> String {
        text(takeCode())
    }

    private static func takeCode() -> UInt {
        let code = ERR_peek_error()
        ERR_clear_error()
        return code
    }

    private static func text(_ code: UInt) -> String {
        guard let reason = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: reason)
    }

    private static func problem(_ result: Int) -> TLSError.CertificateProblem {
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .wrongName
        case X509_V_ERR_INVALID_PURPOSE: .wrongPurpose
        default: .other(String(cString: X509_verify_cert_error_string(result)))
        }
    }
}
