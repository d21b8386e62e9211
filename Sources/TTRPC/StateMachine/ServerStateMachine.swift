/// The rules of one connection as the server sees it, without I/O: what a frame means, how much may
/// be in flight, and that each call is answered once.
///
/// Unary calls only. A stream of responses would be one more action, and an id that stays open
/// after its first answer.
package struct ServerStateMachine {
    /// What to do with a frame.
    package enum Action: Equatable {
        /// Decode the envelope and start the call.
        case call
        /// Answer that the call is refused; nothing is started.
        case refuse(RPCRefusal)
        /// Nothing: a kind of frame that later versions may know.
        case ignore
    }

    private let inFlightMax: Int
    private let unsentBytesMax: Int
    private var lastStreamID: UInt32 = 0
    /// Started and not yet answered.
    private var unanswered: Set<UInt32> = []
    @usableFromInline var unsentBytes = 0 { didSet { decide() } }

    /// Calls whose work has not ended, answered or not: a call past its deadline counts until its
    /// task is gone, or a peer could pile up tasks with tiny deadlines.
    package private(set) var inFlightCount = 0 { didSet { decide() } }
    /// No new calls: the server is stopping.
    package private(set) var isDraining = false

    package init(limits: ServerLimits) {
        inFlightMax = limits.inFlightMax
        unsentBytesMax = limits.unsentBytesMax
    }

    /// Whether the connection may be read and parsed further. Stored, because it is asked before
    /// every frame.
    package private(set) var mayRead = true

    /// Whether nothing is left to be done for the peer.
    @inlinable package var isIdle: Bool { inFlightCount == 0 && unsentBytes == 0 }

    /// A frame has arrived completely.
    package mutating func receive(_ header: FrameHeader) -> Action {
        guard header.type == .request else { return .ignore }
        if let refusal = checkStreamID(header.streamID) { return .refuse(refusal) }
        guard !isDraining else {
            return .refuse(.shuttingDown)
        }
        return .call
    }

    /// A frame larger than the request limit has begun.
    package mutating func receiveTooLarge(
        _ header: FrameHeader, requestBytesMax: Int
    ) -> Action {
        guard header.type == .request else { return .ignore }
        if let refusal = checkStreamID(header.streamID) { return .refuse(refusal) }
        return .refuse(
            .requestTooLarge(byteCount: Int(header.length), byteCountMax: requestBytesMax))
    }

    /// A call was started and not answered at once.
    package mutating func started(_ streamID: UInt32) {
        inFlightCount += 1
        let isNew = unanswered.insert(streamID).inserted
        precondition(isNew, "a stream id was started twice")
    }

    /// Whether a started call's answer may be sent: true once per call.
    package mutating func answer(_ streamID: UInt32) -> Bool {
        unanswered.remove(streamID) != nil
    }

    /// A started call's work is over.
    package mutating func ended() {
        precondition(inFlightCount > 0, "more calls ended than started")
        inFlightCount -= 1
    }

    /// How many bytes now wait for the peer to take them.
    package mutating func unsent(_ byteCount: Int) {
        unsentBytes = byteCount
    }

    /// New calls are refused from now on.
    package mutating func drain() {
        isDraining = true
    }

    private mutating func decide() {
        mayRead = inFlightCount < inFlightMax && unsentBytes <= unsentBytesMax
    }

    /// Odd, and greater than all previous ones; otherwise the stream gets INVALID_ARGUMENT, as Go's
    /// server does.
    private mutating func checkStreamID(_ id: UInt32) -> RPCRefusal? {
        guard id & 1 == 1 else { return .evenStreamID }
        guard id > lastStreamID else { return .reusedStreamID }
        lastStreamID = id
        return nil
    }
}
