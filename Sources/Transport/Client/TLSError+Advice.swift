/// What a client says about a handshake that failed.
extension TLSError {
    /// One sentence: what happened with `server` and what to do about it.
    func advice(forClientOf server: String) -> String {
        switch self {
        case .notTLS, .tooLarge:
            "\(server) does not answer with TLS: is it a plain address, or another service?"
        case .closedEarly:
            """
            \(server) closed the connection during the handshake: does it speak TLS, and is it \
            at its handshake limit?
            """
        case .versionUnsupported, .alert(70):
            "\(server) and this client have no TLS version in common; both need 1.2 or newer"
        case .noCommonCipher, .alert(71):
            "\(server) and this client have no cipher suite or curve in common"
        case .certificateMissing: "\(server) has no certificate"
        case .certificateRefused(let problem): problem.advice(forClientOf: server)
        case .alert(116), .alert(40):
            """
            \(server) requires a client certificate: name one and its key \
            (AUTHD_TLS_CLIENT_CERTIFICATE_FILE, AUTHD_TLS_CLIENT_KEY_FILE)
            """
        case .alert(45):
            "\(server) says that our client certificate has expired: renew it"
        case .alert(48):
            """
            \(server) does not trust the authority of our client certificate: use one from an \
            authority in its AUTHD_TLS_CLIENT_CA_FILE
            """
        case .alert(let number) where isAboutOurCertificate:
            "\(server) refuses our client certificate: \(TLSError.name(number)); its log says why"
        case .alert(let number):
            "\(server) ended the handshake: \(TLSError.name(number)); its log says why"
        case .tooSlow: "\(server) took too long for the handshake"
        case .other(let text): "TLS with \(server) failed: \(text)"
        }
    }
}

extension TLSError.CertificateProblem {
    /// What a client says about the server's certificate.
    func advice(forClientOf server: String) -> String {
        switch self {
        case .expired:
            """
            the certificate of \(server) has expired: renew the daemon's (and send it SIGHUP), or \
            correct this machine's clock
            """
        case .notYetValid:
            "the certificate of \(server) is not valid yet: correct this machine's clock"
        case .unknownAuthority:
            """
            the certificate of \(server) is from no authority that is trusted here: name its \
            authority's file (AUTHD_TLS_SERVER_CA_FILE)
            """
        case .wrongName:
            """
            the certificate of \(server) is for another host: connect by a name in it, or \
            set the expected name (AUTHD_TLS_SERVER_NAME)
            """
        case .wrongPurpose:
            "the certificate of \(server) is not for servers (extended key usage): create a new one"
        case .other(let text): "the certificate of \(server) is refused: \(text)"
        }
    }
}
