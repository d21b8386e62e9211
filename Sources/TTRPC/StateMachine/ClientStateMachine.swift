/// The rules of one connection as the client sees it, without I/O: who waits for which stream.
package struct ClientStateMachine<Waiter> {
    /// What a frame from the server means.
    package enum Action {
        /// The answer to this waiter's call, which is now forgotten.
        case deliver(Waiter)
        /// Nobody is waiting for it: a call that was cancelled or timed out, or a kind of frame
        /// that later versions may know.
        case ignore
        /// The server violates the protocol: an answer without a request. Close the connection.
        case violation
    }

    private var waiters: [UInt32: Waiter] = [:]
    /// 64 bits, so that the step past the last id does not wrap around.
    private var nextID: UInt64
    private let lastID: UInt64

    /// - Parameter lastID: the greatest id to use; tests make it small.
    package init(lastID: UInt32 = .max) {
        nextID = 1
        self.lastID = UInt64(lastID)
    }

    /// Calls waiting for their answer.
    package var pendingCount: Int { waiters.count }

    /// Whether all ids are used up: time for a new connection.
    package var isExhausted: Bool { nextID > lastID }

    /// Gives the waiter's call its id, or nil when there are none left.
    package mutating func start(_ waiter: Waiter) -> UInt32? {
        guard !isExhausted else { return nil }
        let id = UInt32(nextID)
        nextID += 2
        waiters[id] = waiter
        return id
    }

    /// A frame has arrived completely, or (`.tooLarge`) has begun.
    package mutating func receive(_ header: FrameHeader) -> Action {
        guard header.type == .response else { return .ignore }
        let id = header.streamID
        guard id & 1 == 1, UInt64(id) < nextID else { return .violation }
        guard let waiter = waiters.removeValue(forKey: id) else { return .ignore }
        return .deliver(waiter)
    }

    /// Stops waiting for `id`; returns the waiter.
    package mutating func forget(_ id: UInt32) -> Waiter? {
        waiters.removeValue(forKey: id)
    }

    /// The connection has ended; returns all waiters.
    package mutating func close() -> [Waiter] {
        nextID = UInt64.max
        defer { waiters = [:] }
        return Array(waiters.values)
    }
}
