/// A server's numbers at one moment.
package struct ServerCounters: Equatable, Sendable {
    /// Open now, with those closed whose calls still run.
    package var connections = 0
    /// Accepted since the start.
    package var connectionsAccepted: UInt64 = 0
    /// Closed at once, because of a limit.
    package var connectionsRefused: UInt64 = 0
    /// Calls of known methods since the start, whatever their outcome.
    package var requests: UInt64 = 0
    /// Requests answered with an error before they reached a handler: bad frames, unknown methods,
    /// calls while the server stops.
    package var requestsRefused: UInt64 = 0
}
