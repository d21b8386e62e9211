/// A whole HTTP response.
package struct HTTPResponse: Sendable {
    /// 200 to 599.
    package var status: Int
    /// In the order in which they came; of interim (1xx) answers nothing is kept.
    package var headers: [(name: String, value: String)]
    /// Without its transfer coding.
    package var body: [UInt8]
    /// How often the request was begun to be sent: more than 1 when a kept connection died and
    /// libcurl sent it again on another. The server may then have carried it out more than once.
    package var sendCount: Int

    package init(
        status: Int, headers: [(name: String, value: String)], body: [UInt8], sendCount: Int
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.sendCount = sendCount
    }

    /// The value of the first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
