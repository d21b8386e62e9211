import DispatchBridge
import Synchronization

/// An HTTP/1.1 client on libcurl: keep-alive connections, one event loop, no thread per request.
///
/// Certificates and names of servers are checked, and there is no way to turn that off. IPv6 and
/// IPv4 are tried together. The environment's proxy variables are honored (`https_proxy`,
/// `no_proxy`). Redirects are not followed, cookies not stored, passwords not looked up in files.
package final class HTTPClient: HTTPSending {
    private let options: HTTPClientOptions
    private let loop: EventLoop
    private let multi: CurlMulti
    private let idLast = Atomic<UInt64>(0)
    private let isClosing = Atomic<Bool>(false)
    private let closed = Promise<Void>()

    /// Starts a client with its own event loop.
    ///
    /// The first one loads libcurl, which a program without clients does not need.
    ///
    /// - Throws: `HTTPClientError` when the kernel provides no resources, or libcurl can't be used.
    package init(_ options: HTTPClientOptions = HTTPClientOptions()) throws(HTTPClientError) {
        try CurlMulti.loadLibrary()
        self.options = options
        do {
            loop = try EventLoop(label: "http")
        } catch {
            throw .eventLoop(error)
        }
        guard let multi = CurlMulti(loop: loop, options: options) else {
            throw .libcurl("no memory")
        }
        self.multi = multi
    }

    /// Closes what its owner did not close.
    deinit {
        guard !isClosing.load(ordering: .relaxed) else { return }
        loop.execute { [multi] in multi.close() }
        Task { [loop] in await loop.shutdown() }
    }

    /// Sends `request` and waits for the whole response, whatever its status.
    ///
    /// Cancellation ends it at once: the connection is closed.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - timeout: from now until the last byte, including the wait for a connection.
    /// - Returns: the response.
    /// - Throws: `HTTPError`, which says whether the server may have got the request.
    package func send(
        _ request: HTTPRequest, timeout: Duration
    ) async throws(HTTPError) -> HTTPResponse {
        let id = idLast.add(1, ordering: .relaxed).newValue
        let result = Promise<Result<HTTPResponse, HTTPError>>()
        loop.execute { self.start(id, request, timeout, result) }
        // Runs after the start: the loop keeps the order.
        return try await result.value { self.loop.execute { self.multi.cancel(id: id) } }.get()
    }

    /// Ends all requests, all connections and the loop. Later requests throw `.closed`.
    package func close() async {
        if isClosing.exchange(true, ordering: .relaxed) {
            await closed.value()
            return
        }
        loop.execute { self.multi.close() }
        await loop.shutdown()
        closed.fulfil(())
    }

    private func start(
        _ id: UInt64, _ request: HTTPRequest, _ timeout: Duration,
        _ result: Promise<Result<HTTPResponse, HTTPError>>
    ) {
        guard let transfer = CurlTransfer(id: id, request, options, result) else {
            let error = HTTPError(
                .invalidRequest, mayHaveBeenSent: false,
                "the request contains a character that HTTP does not allow")
            result.fulfil(.failure(error))
            return
        }
        multi.start(transfer, timeout: timeout)
    }
}
