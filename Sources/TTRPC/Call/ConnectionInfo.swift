/// What is the same for all calls of a connection.
package final class ConnectionInfo: Sendable {
    /// Counts up from 1 in each process.
    package let id: UInt64
    package let peer: PeerIdentity

    package init(id: UInt64, peer: PeerIdentity) {
        self.id = id
        self.peer = peer
    }
}
