import Bytes
import CCurl
import Glibc

/// Owns one `CURL *` and what libcurl does not copy: the body, the headers, the buffer for an
/// error message. Belongs to the event loop of its `CurlMulti`.
///
/// The handle must have left its multi handle before this is released.
final class CurlEasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let body: SecretBytes
    private let errorText: UnsafeMutablePointer<CChar>

    /// - Returns: nil when there is no memory, or the request has a control character where it
    ///   must not have one.
    init?(_ request: HTTPRequest, _ options: HTTPClientOptions) {
        guard CurlEasyHandle.isClean(request), let pointer = ccurl_easy_init() else { return nil }
        self.pointer = pointer
        body = request.body
        errorText = .allocate(capacity: ccurl_error_size)
        errorText.initialize(repeating: 0, count: ccurl_error_size)
        setOptions(options)
        setHeaders(request)
        setURL(request)
        setMethod(request)
        if request.bypassesProxy { set(CURLOPT_NOPROXY, "*") }
    }

    deinit {
        ccurl_easy_cleanup(pointer)
        var node = headers
        while let current = node {
            if let text = current.pointee.data { explicit_bzero(text, strlen(text)) }
            node = current.pointee.next
        }
        ccurl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// What libcurl said about the last failure; empty when it said nothing.
    var message: String { String(cString: errorText) }

    /// The status of the response; 0 without one.
    var status: Int {
        var code = 0
        return ccurl_easy_response_code(pointer, &code) == CURLE_OK ? code : 0
    }

    /// Directs what libcurl receives to `context`, which must outlive the transfer.
    func setCallbacks(
        _ context: UnsafeMutableRawPointer, header: @escaping ccurl_data_callback,
        data: @escaping ccurl_data_callback, beforeRequest: @escaping curl_prereq_callback
    ) {
        check(ccurl_easy_set_data_callback(pointer, CURLOPT_HEADERFUNCTION, header))
        check(ccurl_easy_setopt_pointer(pointer, CURLOPT_HEADERDATA, context))
        check(ccurl_easy_set_data_callback(pointer, CURLOPT_WRITEFUNCTION, data))
        check(ccurl_easy_setopt_pointer(pointer, CURLOPT_WRITEDATA, context))
        check(ccurl_easy_set_prereq_callback(pointer, beforeRequest))
        check(ccurl_easy_setopt_pointer(pointer, CURLOPT_PREREQDATA, context))
    }

    private func setOptions(_ options: HTTPClientOptions) {
        check(ccurl_easy_setopt_pointer(pointer, CURLOPT_ERRORBUFFER, errorText))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, ccurl_http_1_1)
        // Signals belong to the process; timeouts need none here.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SSLVERSION, ccurl_tls_1_2)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = options.authoritiesFile { set(CURLOPT_CAINFO, file) }
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_MAXAGE_CONN, options.idleSecondsMax)
        // So that a change of the server's address is followed.
        set(CURLOPT_MAXLIFETIME_CONN, 600)
        set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.wholeMilliseconds)
        // What a proxy answers to CONNECT is not the response.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_USERAGENT, options.userAgent)
    }

    private func setMethod(_ request: HTTPRequest) {
        guard request.method != .get else {
            set(CURLOPT_HTTPGET, 1)
            return
        }
        set(CURLOPT_POST, 1)
        if body.isEmpty {
            set(CURLOPT_COPYPOSTFIELDS, "")
        } else {
            // The bytes are in the value's own block, which `body` keeps where it is.
            body.withUnsafeBytes { bytes in
                check(ccurl_easy_set_body(pointer, bytes.baseAddress, bytes.count))
            }
        }
        if request.method != .post { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    /// The URL with its secret part; the copy made for the call is wiped.
    private func setURL(_ request: HTTPRequest) {
        let separator = request.url.contains("?") ? "&" : "?"
        let url = Array((request.url + (request.secretQuery.isEmpty ? "" : separator)).utf8)
        CurlEasyHandle.withText(url, request.secretQuery) {
            check(ccurl_easy_setopt_string(pointer, CURLOPT_URL, $0))
        }
    }

    private func setHeaders(_ request: HTTPRequest) {
        for (name, value) in request.headers {
            append(name, SecretBytes(utf8: value))
        }
        for (name, value) in request.secretHeaders {
            append(name, value)
        }
        // Without a value libcurl omits what it would add: the wait for "100 Continue", and
        // the media type of an HTML form.
        headers = ccurl_slist_append(headers, "Expect:")
        if !request.headers.contains(where: { $0.name == "Content-Type" }) {
            headers = ccurl_slist_append(headers, "Content-Type:")
        }
        check(ccurl_easy_set_headers(pointer, headers))
    }

    private func append(_ name: String, _ value: SecretBytes) {
        // A header with an empty value is written with a semicolon.
        let prefix = Array((value.isEmpty ? "\(name);" : "\(name): ").utf8)
        CurlEasyHandle.withText(prefix, value) { headers = ccurl_slist_append(headers, $0) }
    }

    private func set(_ option: CURLoption, _ value: Int) {
        check(ccurl_easy_setopt_long(pointer, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        check(ccurl_easy_setopt_string(pointer, option, value))
    }

    /// Options fail for lack of memory, or if this file is wrong.
    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "libcurl refuses an option: \(code.rawValue)")
    }

    /// `prefix` and `secret` as one C string, wiped after the call.
    private static func withText(
        _ prefix: [UInt8], _ secret: SecretBytes, _ body: (UnsafePointer<CChar>) -> Void
    ) {
        let text = SecretBytes(count: prefix.count + secret.count + 1) { room in
            room.copyBytes(from: prefix)
            secret.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: room[prefix.count...]).copyMemory(
                    from: bytes)
            }
        }
        text.withUnsafeBytes { bytes in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return }
            body(start)
        }
    }

    /// Whether nothing in the request could end a line or a text early.
    private static func isClean(_ request: HTTPRequest) -> Bool {
        let isPrintable: (UInt8) -> Bool = { $0 >= 0x20 && $0 != 0x7F }
        return request.url.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && request.secretQuery.withUnsafeBytes { $0.allSatisfy { (0x21...0x7E).contains($0) } }
            && request.headers.allSatisfy {
                $0.name.utf8.allSatisfy(isPrintable) && $0.value.utf8.allSatisfy(isPrintable)
            }
            && request.secretHeaders.allSatisfy { header in
                header.value.withUnsafeBytes { $0.allSatisfy(isPrintable) }
            }
    }
}
