import CEpoll

/// What may happen on a descriptor (`epoll_ctl(2)`), level-triggered.
package struct IOEvents: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// There is something to read, or the end of the stream.
    package static var readable: IOEvents { IOEvents(rawValue: cepoll_in) }
    /// A write would not block.
    package static var writable: IOEvents { IOEvents(rawValue: cepoll_out) }
    /// The peer has closed its sending side. Reported only if requested.
    package static var peerClosed: IOEvents { IOEvents(rawValue: cepoll_peer_closed) }
    /// Both sides are closed, or the connection failed. Always reported.
    package static var failed: IOEvents { IOEvents(rawValue: cepoll_hangup | cepoll_error) }
    /// The events that a read reveals.
    package static var readableOrFailed: IOEvents {
        IOEvents(rawValue: cepoll_in | cepoll_hangup | cepoll_error)
    }
    /// What ends a connection that is not being read.
    package static var closedOrFailed: IOEvents {
        IOEvents(rawValue: cepoll_peer_closed | cepoll_hangup | cepoll_error)
    }

    /// Whether any of `events` is among these. Unlike the set operations on array literals, this is
    /// one instruction, executed at every wake-up.
    package func includesAny(of events: IOEvents) -> Bool {
        rawValue & events.rawValue != 0
    }
}
