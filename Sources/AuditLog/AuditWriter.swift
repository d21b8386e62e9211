import Dispatch
import DispatchBridge
import Synchronization

/// Writes a log: takes events without ever making the caller wait, and formats, chains and
/// writes their lines on a queue of its own.
///
/// Events that nobody waits for are written at most every `pauseMilliseconds`, so that a busy
/// daemon's syncs do not keep its store from the disk. What can't be written stays in a bounded
/// queue and is retried every second. When the queue is full, further events are lost and counted,
/// and the next line that can be written says how many.
package final class AuditWriter: Sendable {
    /// Makes an event's record when it is written.
    package typealias Event = @Sendable () -> AuditRecord

    /// What to do after a write.
    private enum Next {
        case goOn
        case later(milliseconds: Int)
        case stop
    }

    private struct Waiting {
        var records: [Event] = []
        /// Of the first record in `records`, counted from the start of the process.
        var firstTicket: UInt64 = 0
        var lost: UInt64 = 0
        var lostInAll: UInt64 = 0
        var reopens = false
        var stops = false
        /// Whether a drain is running or about to.
        var writerRuns = false
        /// Whether a drain is scheduled for later, after a pause or a failure.
        var isSetForLater = false
        /// Since when a write has been running.
        var writesSince: ContinuousClock.Instant?
        /// Whether the last write failed.
        var fails = false
        var waiters: [(ticket: UInt64, promise: Promise<Bool>)] = []
    }

    private let state = Mutex(Waiting())
    private let limits: AuditWriterLimits
    private let core: AuditWriterCore
    private let queue = DispatchQueue(label: "authd.audit")
    /// Stops waiting for a queue that hangs.
    private let watch = DispatchQueue(label: "authd.audit.watch")

    /// Opens the destination and writes the line that says so.
    ///
    /// - Parameters:
    ///   - destination: where to write.
    ///   - key: of the chain.
    ///   - endPath: the file that records the end of the log; nil for none.
    ///   - logIdentifier: 16 random hexadecimal digits, for a new log.
    ///   - limits: bounds.
    ///   - time: the present moment in RFC 3339, for lines about the log itself.
    ///   - trouble: gets a message when writing starts to fail, and when it works again.
    /// - Throws: for a file that can't be used. A FIFO without a reader, a full disk and an absent
    ///   journal are waited for.
    package init(
        _ destination: AuditDestination, key: AuditKey, endPath: String?, logIdentifier: String,
        limits: AuditWriterLimits = AuditWriterLimits(), time: @escaping @Sendable () -> String,
        trouble: @escaping @Sendable (String) -> Void
    ) throws(AuditLogError) {
        self.limits = limits
        core = try AuditWriterCore(
            destination, key: key, endPath: endPath, logIdentifier: logIdentifier, time: time,
            trouble: trouble)
        wake()
    }

    /// Takes one event, or counts it as lost. Returns at once.
    package func record(_ event: @escaping Event) {
        _ = enqueue(event, nil)
    }

    /// Takes one event and waits until it is written.
    ///
    /// - Returns: false when it was not written in time. It may be written later.
    package func written(_ event: @escaping Event) async -> Bool {
        let promise = Promise<Bool>()
        guard enqueue(event, promise) else { return false }
        watch.asyncAfter(deadline: .now() + .milliseconds(limits.writtenMilliseconds)) {
            self.state.withLock { $0.waiters.removeAll { $0.promise === promise } }
            promise.fulfil(false)
        }
        return await promise.value()
    }

    /// Whether events are being written: the last write worked, none is hanging, and there is room.
    package var isHealthy: Bool {
        state.withLock { state in
            guard !state.fails, state.records.count < limits.waitingMax else { return false }
            guard let since = state.writesSince else { return true }
            return .now - since < .milliseconds(limits.hungMilliseconds)
        }
    }

    /// How many events were lost since the start.
    package var lostCount: UInt64 { state.withLock { $0.lostInAll } }

    /// Closes the file and reopens the path, after the file was moved away.
    package func reopen() {
        state.withLock { $0.reopens = true }
        wake()
    }

    /// Writes what is waiting and a last line. Takes no more events.
    ///
    /// - Parameter milliseconds: the longest wait.
    /// - Returns: whether all was written.
    package func stop(milliseconds: Int = 2000) async -> Bool {
        state.withLock { $0.stops = true }
        let done = Promise<Bool>()
        queue.async {
            self.drain()
            let isEmpty = self.state.withLock { $0.records.isEmpty && !$0.fails }
            done.fulfil(isEmpty && self.core.close())
        }
        watch.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { done.fulfil(false) }
        return await done.value()
    }

    private func enqueue(_ event: @escaping Event, _ promise: Promise<Bool>?) -> Bool {
        let (isTaken, starts) = state.withLock { state -> (Bool, Bool) in
            guard state.records.count < limits.waitingMax, !state.stops else {
                state.lost += 1
                state.lostInAll += 1
                return (false, false)
            }
            state.records.append(event)
            if let promise {
                let ticket = state.firstTicket + UInt64(state.records.count) - 1
                state.waiters.append((ticket, promise))
            }
            let endsPause = promise != nil && state.isSetForLater && !state.fails
            defer { state.writerRuns = true }
            return (true, !state.writerRuns || endsPause)
        }
        if starts { queue.async { self.drain() } }
        return isTaken
    }

    private func wake() {
        let starts = state.withLock { state in
            defer { state.writerRuns = true }
            return !state.writerRuns
        }
        if starts { queue.async { self.drain() } }
    }

    /// Runs only on `queue`.
    private func drain() {
        while true {
            let (events, lost, reopens) = state.withLock { state in
                defer { state.reopens = false }
                let batch = Array(state.records.prefix(limits.batchMax))
                state.writesSince = .now
                return (batch, state.lost, state.reopens)
            }
            if reopens { core.reopen() }
            let outcome = core.write(events.map { $0() }, lost: lost)
            let (promises, next) = settle(outcome, lost: lost)
            for promise in promises { promise.fulfil(true) }
            switch next {
            case .goOn: continue
            case .later(let milliseconds): return drainLater(milliseconds)
            case .stop: return
            }
        }
    }

    /// Removes what was written from the queue; returns the promises this fulfills, and what to do
    /// next.
    private func settle(
        _ outcome: AuditWriterCore.Outcome, lost: UInt64
    ) -> (promises: [Promise<Bool>], next: Next) {
        state.withLock { state in
            state.writesSince = nil
            state.fails = outcome.hasFailed
            state.records.removeFirst(outcome.recordCount)
            state.firstTicket += UInt64(outcome.recordCount)
            if outcome.hasReportedLoss { state.lost -= lost }
            let kept = state.waiters.filter { $0.ticket < state.firstTicket }
            state.waiters.removeAll { $0.ticket < state.firstTicket }
            let next = next(state, after: outcome)
            if case .stop = next { state.writerRuns = state.isSetForLater }
            return (kept.map(\.promise), next)
        }
    }

    private func next(_ state: Waiting, after outcome: AuditWriterCore.Outcome) -> Next {
        if outcome.hasFailed { return .later(milliseconds: limits.retryMilliseconds) }
        let isUrgent =
            state.reopens || state.lost > 0 || !state.waiters.isEmpty
            || state.records.count >= limits.batchMax || (state.stops && !state.records.isEmpty)
        if isUrgent { return .goOn }
        // More events usually follow; pause so that they share one write. Some may have come during
        // a write without events, such as that of the opening.
        guard outcome.recordCount > 0 || !state.records.isEmpty, !state.stops else { return .stop }
        return .later(milliseconds: limits.pauseMilliseconds)
    }

    /// At most one drain is scheduled for later.
    private func drainLater(_ milliseconds: Int) {
        let isSet = state.withLock { state in
            defer { state.isSetForLater = true }
            return state.isSetForLater
        }
        guard !isSet else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            self?.state.withLock { $0.isSetForLater = false }
            self?.drain()
        }
    }
}
