import CCurl
import DispatchBridge

/// One request in progress: its handle, what was received so far, and who is waiting.
///
/// Belongs to the event loop of its `CurlMulti`, which holds it from the moment libcurl knows its
/// address until the handle has left the multi handle: libcurl's callbacks never meet a freed one.
final class CurlTransfer {
    let id: UInt64
    private let easy: CurlEasyHandle
    private let options: HTTPClientOptions
    private let result: Promise<Result<HTTPResponse, HTTPError>>
    /// Fires when the time is up, whether the request waits or runs.
    var deadline: TimerToken?

    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var sendCount = 0
    private var isTooLarge = false

    /// - Returns: nil when the request can't be sent; see `CurlEasyHandle`.
    init?(
        id: UInt64, _ request: HTTPRequest, _ options: HTTPClientOptions,
        _ result: Promise<Result<HTTPResponse, HTTPError>>
    ) {
        guard let easy = CurlEasyHandle(request, options) else { return nil }
        self.id = id
        self.easy = easy
        self.options = options
        self.result = result
        easy.setCallbacks(
            Unmanaged.passUnretained(self).toOpaque(), header: headerReceived,
            data: dataReceived, beforeRequest: requestBegins)
    }

    /// The `CURL *`.
    var pointer: UnsafeMutableRawPointer { easy.pointer }

    /// Ends with libcurl's result.
    func finish(_ code: CURLcode) {
        if code == CURLE_OK, (200...599).contains(easy.status) {
            let response = HTTPResponse(
                status: easy.status, headers: headers, body: body, sendCount: sendCount)
            result.fulfil(.success(response))
            return
        }
        guard code != CURLE_OK else {
            fail(.broken, "the server answered with the status \(easy.status)")
            return
        }
        let said = easy.message
        let text = said.isEmpty ? String(cString: ccurl_easy_strerror(code)) : said
        let kind: HTTPError.Kind =
            switch code {
            case _ where isTooLarge: .tooLarge
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotFound
            case CURLE_COULDNT_CONNECT: .notConnected
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
                .notTrusted
            // The deadline is not libcurl's: its only timer is that of connecting.
            case CURLE_OPERATION_TIMEDOUT where sendCount == 0: .notConnected
            default: .broken
            }
        fail(kind, isTooLarge ? "the response is larger than allowed" : text)
    }

    /// Ends without a response.
    func fail(_ kind: HTTPError.Kind, _ text: String) {
        result.fulfil(.failure(HTTPError(kind, mayHaveBeenSent: sendCount > 0, text)))
    }

    /// libcurl has a connection and is about to send, for the first time or again.
    fileprivate func begin() {
        sendCount += 1
    }

    /// One line of the response's head, or of a trailer.
    fileprivate func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= options.headerBytesMax else {
            isTooLarge = true
            return false
        }
        // A status line begins a response: what came before was an interim one.
        if line.starts(with: "HTTP/".utf8) { headers = [] }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        var value = line[(colon + 1)...].drop(while: isSpace)
        while let last = value.last, isSpace(last) { value = value.dropLast() }
        headers.append((name, String(decoding: value, as: UTF8.self)))
        return true
    }

    /// A part of the response's body.
    fileprivate func receiveData(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= options.responseBytesMax else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}

/// The transfer is alive whenever libcurl calls: see the type.
private func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private func requestBegins(
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32
) -> Int32 {
    transfer(context)?.begin()
    return CURL_PREREQFUNC_OK
}

/// A number other than `size * count` ends the transfer.
private func headerReceived(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.receiveHeader(line) == true ? line.count : 0
}

private func dataReceived(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let data = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard !data.isEmpty else { return 0 }
    return transfer(context)?.receiveData(data) == true ? data.count : 0
}
