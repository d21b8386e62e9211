/// Why a TLS connection can't be made, or can't continue.
package enum TLSError: Error, Equatable, Sendable {
    /// Why the other side's certificate was refused here.
    package enum CertificateProblem: Equatable, Sendable {
        case expired
        case notYetValid
        /// No chain leads to an authority that is trusted.
        case unknownAuthority
        /// It is for another name or address (RFC 6125; alternative names only).
        case wrongName
        /// Its extended key usage is for something else: a server's certificate used by a client.
        case wrongPurpose
        /// Anything else, in OpenSSL's words.
        case other(String)
    }

    /// The received data is not TLS.
    case notTLS
    /// The other side does not support TLS 1.2 or newer.
    case versionUnsupported
    /// The other side has no cipher suite, curve or signature algorithm in common with us.
    case noCommonCipher
    /// The other side sent no certificate.
    case certificateMissing
    /// The other side's certificate was refused.
    case certificateRefused(CertificateProblem)
    /// The other side ended it with this alert (RFC 8446 §6.2).
    case alert(UInt8)
    /// The connection was closed in the middle of the handshake.
    case closedEarly
    /// The handshake took too long.
    case tooSlow
    /// The handshake was too large.
    case tooLarge
    /// Anything else, in OpenSSL's words.
    case other(String)
}

extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notTLS: "the other side did not send TLS: does it speak plain ttRPC?"
        case .versionUnsupported: "the other side does not support TLS 1.2 or newer"
        case .noCommonCipher: "the other side has no cipher suite or curve in common with us"
        case .certificateMissing: "the other side sent no certificate"
        case .certificateRefused(let problem): "the other side's certificate \(problem)"
        case .alert(let number): "the other side ended the handshake: \(TLSError.name(number))"
        case .closedEarly: "the connection was closed during the handshake"
        case .tooSlow: "the handshake took too long"
        case .tooLarge: "the handshake is too large"
        case .other(let text): text
        }
    }

    /// Whether an alert says that our certificate was refused or is missing. With TLS 1.3 it comes
    /// only after our side of the handshake has ended.
    package var isAboutOurCertificate: Bool {
        guard case .alert(let number) = self else { return false }
        return (42...46).contains(number) || [48, 49, 116].contains(number)
    }

    /// The name of an alert (RFC 8446 §6).
    static func name(_ alert: UInt8) -> String {
        switch alert {
        case 10: "unexpected_message"
        case 20: "bad_record_mac"
        case 22: "record_overflow"
        case 40: "handshake_failure"
        case 42: "bad_certificate"
        case 43: "unsupported_certificate"
        case 44: "certificate_revoked"
        case 45: "certificate_expired"
        case 46: "certificate_unknown"
        case 47: "illegal_parameter"
        case 48: "unknown_ca"
        case 49: "access_denied"
        case 50: "decode_error"
        case 51: "decrypt_error"
        case 70: "protocol_version"
        case 71: "insufficient_security"
        case 80: "internal_error"
        case 109: "missing_extension"
        case 112: "unrecognized_name"
        case 116: "certificate_required"
        default: "alert \(alert)"
        }
    }
}

extension TLSError.CertificateProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .expired: "has expired"
        case .notYetValid: "is not valid yet"
        case .unknownAuthority: "is from no authority that is trusted here"
        case .wrongName: "is for another name"
        case .wrongPurpose: "is for another purpose (extended key usage)"
        case .other(let text): "is refused: \(text)"
        }
    }
}
