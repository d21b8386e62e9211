/// Why there is no response.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened.
    package enum Kind: Sendable, Equatable {
        /// The name of the server, or of the proxy, is unknown.
        case nameNotFound
        /// No connection: refused, no route, or no time.
        case notConnected
        /// No TLS: a certificate is not valid, or the peers have nothing in common.
        case notTrusted
        /// The connection broke, or the response is not HTTP.
        case broken
        /// The time was up.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// The response is larger than `HTTPClientOptions` allows.
        case tooLarge
        /// The request can't be sent as it is: a header holds a control character.
        case invalidRequest
        /// The queue of waiting requests is full.
        case overloaded
        /// The client is closed.
        case closed
    }

    package let kind: Kind
    /// Whether the server may have got the request and carried it out. False is certain.
    package let mayHaveBeenSent: Bool
    /// For the operator's log: names hosts, never queries or headers.
    package let text: String

    package init(_ kind: Kind, mayHaveBeenSent: Bool, _ text: String) {
        self.kind = kind
        self.mayHaveBeenSent = mayHaveBeenSent
        self.text = text
    }

    package var description: String { text }
}
