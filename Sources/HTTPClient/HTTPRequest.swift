package import Bytes

/// One HTTP request. Its secrets are kept separate, and never appear in an error message.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// `http://` or `https://`, everything percent-encoded, without a fragment.
    package var url: String
    /// The secret part of the query, percent-encoded: sent after `url` and a `?` or `&`. Empty for
    /// none.
    package var secretQuery: SecretBytes
    /// Names and values in the order in which they are sent.
    package var headers: [(name: String, value: String)]
    /// Headers that are secret, such as `Authorization`.
    package var secretHeaders: [(name: String, value: SecretBytes)]
    /// Sent with every method but GET, with its length, even when it is empty.
    package var body: SecretBytes
    /// Whether the proxy variables of the environment are ignored, as the metadata service of a
    /// cloud machine demands.
    package var bypassesProxy: Bool

    package init(_ method: HTTPMethod, _ url: String) {
        self.method = method
        self.url = url
        secretQuery = SecretBytes()
        headers = []
        secretHeaders = []
        body = SecretBytes()
        bypassesProxy = false
    }
}
