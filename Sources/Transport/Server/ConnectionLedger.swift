import DispatchBridge
import Glibc
import Synchronization
import TTRPC

/// Counts connections, in all and per user, and says who may still come. Shared by all loops.
final class ConnectionLedger: Sendable {
    private struct State {
        var open = 0
        var openByUID: [UInt32: Int] = [:]
        var accepted: UInt64 = 0
        var refused: UInt64 = 0
        var isStopping = false
    }

    private let connectionsMax: Int
    private let connectionsPerUIDMax: Int
    private let state = Mutex(State())
    /// Fulfilled when the server stops and no connection is left.
    let drained = Promise<Void>()

    init(limits: ServerLimits) {
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        let available = Int(clamping: files.rlim_cur) - limits.descriptorsReserved
        connectionsMax = max(1, min(limits.connectionsMax, available))
        connectionsPerUIDMax = limits.connectionsPerUIDMax
    }

    /// The number of a connection that may stay, or nil.
    func admit(_ peer: PeerIdentity) -> UInt64? {
        state.withLock { state in
            let uid = ConnectionLedger.uid(peer)
            let openOfUID = uid.map { state.openByUID[$0, default: 0] } ?? 0
            guard state.open < connectionsMax, openOfUID < connectionsPerUIDMax,
                !state.isStopping
            else {
                state.refused += 1
                return nil
            }
            if let uid { state.openByUID[uid] = openOfUID + 1 }
            state.open += 1
            state.accepted += 1
            return state.accepted
        }
    }

    /// An admitted connection is gone, and so are its calls.
    func release(_ peer: PeerIdentity) {
        let isDrained = state.withLock { state in
            state.open -= 1
            if let uid = ConnectionLedger.uid(peer) {
                let left = state.openByUID[uid, default: 1] - 1
                state.openByUID[uid] = left > 0 ? left : nil
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

    private static func uid(_ peer: PeerIdentity) -> UInt32? {
        guard case .unix(let uid, _, _) = peer else { return nil }
        return uid
    }
}
