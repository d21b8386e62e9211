/// What sends HTTP requests: `HTTPClient`, or a test's stand-in.
package protocol HTTPSending: Sendable {
    /// Sends `request` and waits for the complete response, whatever its status.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - timeout: from now until the last byte.
    /// - Returns: the response.
    /// - Throws: `HTTPError`, which says whether the server may have got the request.
    func send(_ request: HTTPRequest, timeout: Duration) async throws(HTTPError) -> HTTPResponse

    /// Ends all requests. Later ones throw `.closed`.
    func close() async
}
