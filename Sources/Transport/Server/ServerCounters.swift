/// A server's counters at one moment.
package struct ServerCounters: Equatable, Sendable {
    /// Open now, including closed ones whose calls are still running.
    package var connections = 0
    /// Accepted since the start.
    package var connectionsAccepted: UInt64 = 0
    /// Closed at once, because of a limit.
    package var connectionsRefused: UInt64 = 0
    /// TLS handshakes since the start that failed.
    package var handshakesFailed: UInt64 = 0
    /// TLS connections closed before their handshake, because of a limit.
    package var handshakesRefused: UInt64 = 0
    /// Calls of known methods since the start, whatever their outcome.
    package var requests: UInt64 = 0
    /// Those of them that were answered within their turn of the event loop, and thus not reported
    /// to observers, by `MethodDescriptor.index`.
    package var answersAtOnce: [UInt64] = []
    /// Requests answered with an error before they reached a handler: bad frames, unknown methods,
    /// calls while the server is stopping.
    package var requestsRefused: UInt64 = 0
}
