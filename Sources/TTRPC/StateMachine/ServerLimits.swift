/// Every limit of the server, with the reason for its default.
package struct ServerLimits: Equatable, Sendable {
    /// Data of one frame. The protocol's own limit, which Go's ttrpc has too. More ends the
    /// connection, because skipping it would take a long time.
    package var frameBytesMax = 4 * 1024 * 1024
    /// Data of one request. The largest call here (an import of a user) takes a few KiB; a frame
    /// has to be held in memory completely, so this times `connectionsMax` is what half-sent
    /// requests can cost.
    package var requestBytesMax = 64 * 1024
    /// Calls of one connection in progress. Enough for a busy caller, and what one
    /// caller can put before the others' work. At the limit the connection is not read.
    package var inFlightMax = 256
    /// Bytes of answers on one connection that the peer has not read. Above it the connection is
    /// not read, so the total is this plus the answers of calls in flight.
    package var unsentBytesMax = 1024 * 1024
    /// How long a peer may read nothing while answers wait for it.
    package var drainSecondsMax = 30.0
    /// From a frame's first byte to its last. No well-meaning peer is slower.
    package var halfFrameSecondsMax = 30.0
    /// Total connections; also limited by RLIMIT_NOFILE less `descriptorsReserved`. An idle
    /// one costs less than 6 KiB.
    package var connectionsMax = 16384
    /// Connections of one user, or of one client certificate (without one: of one address, for IPv6
    /// one /64), so that one service cannot lock out the others.
    package var connectionsPerOwnerMax = 12288
    /// From a TLS connection's first moment to the end of its handshake. Two round trips and a
    /// signature take less than one on any network that services use.
    package var handshakeSecondsMax = 10.0
    /// TLS handshakes of one listener that have not ended; each takes up to 100 KiB. Further ones
    /// are closed at once. They don't count as connections.
    package var handshakesMax = 256
    /// Those of one address (for IPv6 one /64), so that one machine cannot lock out the others.
    package var handshakesPerNetworkMax = 64
    /// Descriptors kept free for the store, for logs and for listeners.
    package var descriptorsReserved = 64
    /// What a request may hold besides its payload.
    package var envelope = EnvelopeLimits()

    /// The defaults.
    package init() {}
}
