/// A complete HTTP response.
package struct HTTPResponse: Sendable {
    /// 200 to 599.
    package var status: Int
    /// In order of arrival; nothing from interim (1xx) responses is kept.
    package var headers: [(name: String, value: String)]
    /// Without its transfer coding.
    package var body: [UInt8]
    /// How often sending the request was started: more than 1 if a keep-alive connection died and
    /// libcurl resent it on another. The server may then have carried it out more than once.
    package var sendCount: Int

    package init(
        status: Int, headers: [(name: String, value: String)], body: [UInt8], sendCount: Int
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.sendCount = sendCount
    }

    /// The value of the first header with that name, in any case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
