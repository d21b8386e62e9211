import Bytes
import DispatchBridge
import Glibc
import Synchronization
import TTRPC

/// Counts connections, in total and per owner, and decides which new ones to admit. Shared by all
/// loops.
final class ConnectionLedger: Sendable {
    /// Whose connections are counted together.
    private enum Owner: Hashable {
        case user(UInt32)
        /// By its fingerprint.
        case certificate(String)
        /// Nil for all whose address can't be read.
        case network(ClientNetwork?)
        /// Whoever comes over TCP without TLS, which only this machine can: nothing tells them apart.
        case localTCP
    }

    private struct State {
        var open = 0
        var openByOwner: [Owner: Int] = [:]
        var accepted: UInt64 = 0
        var refused: UInt64 = 0
        var isStopping = false
    }

    private let connectionsMax: Int
    private let connectionsPerOwnerMax: Int
    private let state = Mutex(State())
    /// Fulfilled when the server stops and no connection is left.
    let drained = Promise<Void>()

    /// - Parameters:
    ///   - limits: for connections in total and per owner, and for descriptors.
    ///   - handshakeListeners: how many listeners have handshakes, which also need descriptors.
    init(limits: ServerLimits, handshakeListeners: Int = 0) {
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        let available =
            Int(clamping: files.rlim_cur) - limits.descriptorsReserved
            - handshakeListeners * limits.handshakesMax
        connectionsMax = max(1, min(limits.connectionsMax, available))
        connectionsPerOwnerMax = limits.connectionsPerOwnerMax
    }

    /// The number of a connection that may stay, or nil.
    func admit(_ peer: PeerIdentity) -> UInt64? {
        state.withLock { state in
            let owner = ConnectionLedger.owner(peer)
            let openOfOwner = owner.map { state.openByOwner[$0, default: 0] } ?? 0
            guard state.open < connectionsMax, openOfOwner < connectionsPerOwnerMax,
                !state.isStopping
            else {
                state.refused += 1
                return nil
            }
            if let owner { state.openByOwner[owner] = openOfOwner + 1 }
            state.open += 1
            state.accepted += 1
            return state.accepted
        }
    }

    /// An admitted connection has ended, and so have its calls.
    func release(_ peer: PeerIdentity) {
        let isDrained = state.withLock { state in
            state.open -= 1
            if let owner = ConnectionLedger.owner(peer) {
                let left = state.openByOwner[owner, default: 1] - 1
                state.openByOwner[owner] = left > 0 ? left : nil
            }
            return state.isStopping && state.open == 0
        }
        if isDrained { drained.fulfil(()) }
    }

    /// Nobody is admitted any more.
    func stop() {
        let isDrained = state.withLock { state in
            state.isStopping = true
            return state.open == 0
        }
        if isDrained { drained.fulfil(()) }
    }

    var counters: ServerCounters {
        state.withLock { state in
            ServerCounters(
                connections: state.open, connectionsAccepted: state.accepted,
                connectionsRefused: state.refused)
        }
    }

    private static func owner(_ peer: PeerIdentity) -> Owner? {
        switch peer {
        case .unix(let uid, _, _): .user(uid)
        case .tls(_, let certificate?): .certificate(certificate.fingerprint)
        case .tls(let address, nil): .network(ClientNetwork(endpoint: address))
        case .tcp: .localTCP
        case .inProcess: nil
        }
    }
}
