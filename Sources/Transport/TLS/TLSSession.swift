import COpenSSL
import Glibc
import TTRPC

/// Owns one `SSL`, and with it two memory BIOs: ciphertext goes in and comes out, and so does plain
/// text; it knows no socket. After an error it can't be used any more.
///
/// `@unchecked Sendable`: it is used on one event loop at a time. The handshake loop passes it on
/// with its last use of it.
final class TLSSession: @unchecked Sendable {
    /// Plain text of one record (RFC 8446 §5.1).
    static let recordBytesMax = 16 * 1024
    /// An empty BIO with more memory than this is replaced: an idle connection should cost little.
    private static let idleBytesMax = 4 * 1024

    /// The result of a read.
    enum ReadResult: Equatable {
        case count(Int)
        /// Nothing until more ciphertext comes.
        case incomplete
        /// The other side has announced that it sends no more.
        case closed
    }

    private let context: TLSContext
    private let ssl: OpaquePointer
    // Both belong to `ssl`.
    private var input: OpaquePointer
    private var output: OpaquePointer
    /// How much of `output` has been sent.
    private var sentCount = 0
    /// After a failure, or our close_notify.
    private var isOver = false
    private var boundary = TLSRecordBoundary()

    /// One end of a connection: the server's, or the client's when the context has a server's name.
    ///
    /// - Throws: `TLSError.other` when there is no memory, or the name is not a host name.
    init(_ context: TLSContext) throws(TLSError) {
        TLSErrorQueue.clear()
        guard let ssl = SSL_new(context.pointer) else { throw .other(TLSErrorQueue.takeText()) }
        guard let input = TLSSession.makeBIO(), let output = TLSSession.makeBIO() else {
            SSL_free(ssl)
            throw .other(TLSErrorQueue.takeText())
        }
        SSL_set0_rbio(ssl, input)
        SSL_set0_wbio(ssl, output)
        self.context = context
        self.ssl = ssl
        self.input = input
        self.output = output
        guard let name = context.serverName else {
            SSL_set_accept_state(ssl)
            return
        }
        SSL_set_connect_state(ssl)
        try expect(name)
        if let session = context.takeSession() {
            SSL_set_session(ssl, session)
            SSL_SESSION_free(session)
        }
    }

    deinit {
        // OpenSSL would not resume a session whose connection ended without a close_notify, though
        // nothing is wrong with it.
        if !isOver { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
    }

    private static func makeBIO() -> OpaquePointer? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        copenssl_bio_set_empty_is_retry(bio)
        return bio
    }

    /// The server's alternative names must include `name`, an address or a host name.
    private func expect(_ name: String) throws(TLSError) {
        let parameters = SSL_get0_param(ssl)
        var address = in6_addr()
        let isAddress =
            inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1
        if isAddress {
            // No SNI: it has names only (RFC 6066 §3).
            guard X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 else {
                throw .other("\(name) is not an address")
            }
            return
        }
        X509_VERIFY_PARAM_set_hostflags(
            parameters,
            UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        guard X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1,
            copenssl_set_server_name(ssl, name) == 1
        else { throw .other("\(name) is not a host name") }
    }

    // MARK: - Handshake

    /// Continues the handshake as far as the ciphertext allows.
    ///
    /// - Returns: whether it has finished successfully.
    /// - Throws: `TLSError`; there may be an alert to send.
    func handshake() throws(TLSError) -> Bool {
        TLSErrorQueue.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return true }
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw failure() }
        return false
    }

    /// The other side's certificate, verified; nil when none was requested.
    ///
    /// - Parameter now: the present moment, in seconds of Unix time.
    /// - Returns: what it says.
    /// - Throws: `.certificateRefused(.expired)`: it was valid when a resumed session began.
    func peerCertificate(now: time_t) throws(TLSError) -> PeerCertificate? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return nil }
        var now = now
        guard X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0 else {
            throw .certificateRefused(.expired)
        }
        return PeerCertificate(reading: certificate)
    }

    /// Whether this resumed an earlier session.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    // MARK: - Data

    /// Takes a copy of received ciphertext.
    func receive(_ ciphertext: UnsafeRawBufferPointer) throws(TLSError) {
        TLSErrorQueue.clear()
        var taken = 0
        guard
            ciphertext.isEmpty
                || BIO_write_ex(input, ciphertext.baseAddress, ciphertext.count, &taken) == 1
        else { throw failure() }
        boundary.pass(ciphertext)
    }

    /// Decrypts at most one record into `buffer`, which has room for it.
    ///
    /// - Throws: `TLSError`; there may be an alert to send.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> ReadResult {
        TLSErrorQueue.clear()
        var count = 0
        if SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count) == 1 {
            return .count(count)
        }
        switch SSL_get_error(ssl, 0) {
        case SSL_ERROR_WANT_READ:
            releaseInput()
            return .incomplete
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: throw failure()
        }
    }

    /// Whether a record has arrived partly: the other side owes the rest.
    var isInsideRecord: Bool { boundary.isInside }

    /// Encrypts the beginning of `bytes`, at most one record.
    ///
    /// - Returns: how many bytes were taken.
    /// - Throws: `TLSError`.
    func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        TLSErrorQueue.clear()
        var count = 0
        let wanted = min(bytes.count, TLSSession.recordBytesMax)
        guard SSL_write_ex(ssl, bytes.baseAddress, wanted, &count) == 1 else { throw failure() }
        return count
    }

    /// Sends close_notify, once. Nothing can be written afterwards.
    func shutDown() {
        guard !isOver else { return }
        TLSErrorQueue.clear()
        SSL_shutdown(ssl)
        TLSErrorQueue.clear()
        isOver = true
    }

    // MARK: - Ciphertext to send

    /// How many bytes of ciphertext are waiting to be sent.
    var unsentCount: Int { Int(BIO_ctrl_pending(output)) - sentCount }

    /// Calls `body` with the waiting ciphertext.
    func withUnsent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var start: UnsafeMutablePointer<CChar>?
        let count = copenssl_bio_memory(output, &start)
        let all = UnsafeRawBufferPointer(start: start, count: count)
        return body(UnsafeRawBufferPointer(rebasing: all[sentCount...]))
    }

    /// `count` bytes of it have been sent.
    func sent(_ count: Int) {
        sentCount += count
        guard unsentCount == 0 else { return }
        sentCount = 0
        if copenssl_bio_capacity(output) > TLSSession.idleBytesMax,
            let smaller = TLSSession.makeBIO()
        {
            SSL_set0_wbio(ssl, smaller)
            output = smaller
        } else {
            copenssl_bio_reset(output)
        }
    }

    private func releaseInput() {
        guard copenssl_bio_capacity(input) > TLSSession.idleBytesMax,
            BIO_ctrl_pending(input) == 0, let smaller = TLSSession.makeBIO()
        else { return }
        SSL_set0_rbio(ssl, smaller)
        input = smaller
    }

    private func failure() -> TLSError {
        isOver = true
        return TLSErrorQueue.failure(of: ssl)
    }
}
