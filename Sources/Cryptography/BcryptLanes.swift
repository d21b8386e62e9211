import Bytes
import Synchronization

/// Computes bcrypt on as many threads as there are cores, and several hashes at once on each.
///
/// A thread that wants a hash computes it itself while a core is free: a lone hash waits for
/// nobody. Otherwise it waits, and a computing thread takes on its hash, between two short runs,
/// alongside its own: both then run at little less than the speed of one (see `CBcrypt`). A thread
/// whose own hash is done passes the others to one of the threads waiting for them.
package final class BcryptLanes: Sendable {
    /// How many hashes share a core: see `CBcrypt`.
    package static let lanesMax = 4

    /// Rounds between two checks for waiting hashes: some 2 ms, so that a new hash waits at most
    /// a hundredth of its duration at cost 12.
    private static let roundsPerRun: UInt64 = 32

    private struct State {
        /// How many hashes each computing thread has; at most `coreCount` threads.
        var load: [ObjectIdentifier: Int] = [:]
        /// Those waiting for a place, in order of arrival.
        var waiting: [BcryptTicket] = []
    }

    private let coreCount: Int
    private let state = Mutex(State())

    /// - Parameter coreCount: how many threads compute at once; at least one.
    package init(coreCount: Int) {
        precondition(coreCount > 0, "hashes need a core")
        self.coreCount = coreCount
    }

    /// Computes a hash; blocks until it is done.
    ///
    /// - Parameters:
    ///   - password: without NUL bytes; bytes after the 72nd are ignored.
    ///   - salt: 16 bytes.
    ///   - cost: in `BcryptHash.costs`.
    /// - Returns: the 31 characters of the digest.
    func digest(of password: SecretBytes, salt: [UInt8], cost: Int) -> SecretBytes {
        let ticket = BcryptTicket(BcryptLane(password: password, salt: salt, cost: cost))
        let computes = state.withLock { state in
            guard state.load.count < coreCount else {
                state.waiting.append(ticket)
                return false
            }
            state.load[ObjectIdentifier(ticket)] = 1
            return true
        }
        var tickets = computes ? [ticket] : ticket.wait()
        while !tickets.isEmpty {
            tickets = advance(tickets, of: ticket)
        }
        return ticket.digest
    }

    /// One run of the hashes that the thread of `owner` has.
    ///
    /// - Returns: those that it has now: none when its own is done and the others were passed on.
    private func advance(_ tickets: [BcryptTicket], of owner: BcryptTicket) -> [BcryptTicket] {
        BcryptLane.run(tickets.map(\.lane), rounds: BcryptLanes.roundsPerRun)
        for ticket in tickets where ticket.lane.isDone { ticket.finish() }
        var rest = tickets.filter { !$0.isFinished }
        let key = ObjectIdentifier(owner)
        let next: BcryptTicket? = state.withLock { state in
            // The thread with the fewest takes first, so that no core is partly idle.
            state.load[key] = rest.count
            while rest.count < BcryptLanes.lanesMax, !state.waiting.isEmpty,
                rest.count == state.load.values.min()
            {
                rest.append(state.waiting.removeFirst())
                state.load[key] = rest.count
            }
            guard owner.isFinished else { return nil }
            state.load[key] = nil
            if let next = rest.first { state.load[ObjectIdentifier(next)] = rest.count }
            return rest.first
        }
        // Woken here, not before: a woken thread may finish and free what this thread still uses.
        for ticket in tickets where ticket.isFinished && ticket !== owner { ticket.wake(with: []) }
        guard owner.isFinished else { return rest }
        next?.wake(with: rest)
        return []
    }
}
