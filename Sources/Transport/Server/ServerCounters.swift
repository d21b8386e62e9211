/// A server's numbers at one moment.
package struct ServerCounters: Equatable, Sendable {
    /// Open now, with those closed whose calls still run.
    package var connections = 0
    /// Accepted since the start.
    package var connectionsAccepted: UInt64 = 0
    /// Closed at once, because of a limit.
    package var connectionsRefused: UInt64 = 0
    /// TLS handshakes since the start that did not end well.
    package var handshakesFailed: UInt64 = 0
    /// TLS connections closed before their handshake, because of a limit.
    package var handshakesRefused: UInt64 = 0
    /// Calls of known methods since the start, whatever their outcome.
    package var requests: UInt64 = 0
    /// Those of them that were answered within their turn of the event loop, and so not told to
    /// observers, by `MethodDescriptor.index`.
    package var answersAtOnce: [UInt64] = []
    /// Requests answered with an error before they reached a handler: bad frames, unknown methods,
    /// calls while the server stops.
    package var requestsRefused: UInt64 = 0
}
