/// Every limit of a client, with the reason for its default.
package struct RPCClientLimits: Equatable, Sendable {
    /// Data of one answer; the protocol's own limit. More ends the connection.
    package var frameBytesMax = 4 * 1024 * 1024
    /// Data of one request; servers close the connection above the protocol's limit.
    package var requestBytesMax = 4 * 1024 * 1024
    /// Calls waiting for an answer on one connection. Far more than a server processes at once;
    /// a caller that piles up more is told so.
    package var pendingCallsMax = 16384
    /// Bytes waiting to be sent: what a server that reads nothing can make us hold.
    package var unsentBytesMax = 16 * 1024 * 1024
    /// How long one attempt to connect may take, with TLS to another machine too.
    package var connectSecondsMax = 5.0
    /// Attempts to connect before waiting calls fail: the delays add up to 0.8 to 1.55 s, a
    /// restart.
    package var connectAttemptsMax = 6
    /// Delay after the first failed attempt; it doubles, and is then reduced at random to 50...100
    /// %, so that many clients don't reconnect at the same moment.
    package var backoffSecondsMin = 0.05
    /// The longest delay.
    package var backoffSecondsMax = 5.0
    /// How often a call that was certainly not sent is retried.
    package var resendsMax = 3
    /// The greatest stream id to use before a new connection is made; tests make it small.
    package var streamIDMax = UInt32.max

    /// The defaults.
    package init() {}
}
