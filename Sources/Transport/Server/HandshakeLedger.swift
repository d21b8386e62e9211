import Bytes
import TTRPC

/// Counts handshakes that have begun and not ended, per listener and per network, and decides who
/// may begin one. A struct of the handshake loop.
struct HandshakeLedger {
    private let handshakesMax: Int
    private let handshakesPerNetworkMax: Int
    private var openByListener: [Int: Int] = [:]
    private var openByNetwork: [ClientNetwork?: Int] = [:]

    init(limits: ServerLimits) {
        handshakesMax = limits.handshakesMax
        handshakesPerNetworkMax = limits.handshakesPerNetworkMax
    }

    /// How many are open.
    var openCount: Int { openByListener.values.reduce(0, +) }

    /// Whether one more may begin; it then counts.
    mutating func begin(listener: Int, network: ClientNetwork?) -> Bool {
        let ofListener = openByListener[listener, default: 0]
        let ofNetwork = openByNetwork[network, default: 0]
        guard ofListener < handshakesMax, ofNetwork < handshakesPerNetworkMax else {
            return false
        }
        openByListener[listener] = ofListener + 1
        openByNetwork[network] = ofNetwork + 1
        return true
    }

    /// One has ended, successfully or not.
    mutating func end(listener: Int, network: ClientNetwork?) {
        HandshakeLedger.decrease(&openByListener, listener)
        HandshakeLedger.decrease(&openByNetwork, network)
    }

    private static func decrease<Key>(_ counts: inout [Key: Int], _ key: Key) {
        let left = counts[key, default: 1] - 1
        counts[key] = left > 0 ? left : nil
    }
}
