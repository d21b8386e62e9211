import Synchronization

/// Reports refusals at the door to the audit log, but per caller no more than the log can bear: see
/// `RefusalMeter`. One for all doors of a daemon.
package final class RefusalLog: Sendable {
    /// Runs work at a given moment; work scheduled past the daemon's lifetime need not run.
    package typealias Timer =
        @Sendable (ContinuousClock.Instant, @escaping @Sendable () -> Void) -> Void

    private struct State {
        var meter = RefusalMeter()
        var isTimerSet = false
    }

    /// Gets what is recorded.
    let audit: any AuditSink
    private let now: @Sendable () -> ContinuousClock.Instant
    private let timer: Timer
    private let state = Mutex(State())

    /// - Parameters:
    ///   - audit: gets the events.
    ///   - now: for the windows.
    ///   - timer: for counts that no later refusal triggers.
    package init(
        _ audit: any AuditSink, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        timer: @escaping Timer = RefusalLog.sleep
    ) {
        self.audit = audit
        self.now = now
        self.timer = timer
    }

    /// Takes the event of a refusal; does not block.
    package func record(_ event: AuditEvent) {
        let now = now()
        let (events, due) = state.withLock { state in
            (state.meter.take(event, at: now), RefusalLog.setTimer(&state))
        }
        finish(events, due)
    }

    /// Records the pending counts; called before the audit log is closed.
    package func flush() {
        let events = state.withLock { $0.meter.flush(at: nil) }
        for event in events { audit.record(event) }
    }

    /// How many callers are counted now; for tests of the limit.
    package var callerCount: Int { state.withLock { $0.meter.callerCount } }

    private func timerFired() {
        let now = now()
        let (events, due) = state.withLock { state in
            state.isTimerSet = false
            return (state.meter.flush(at: now), RefusalLog.setTimer(&state))
        }
        finish(events, due)
    }

    private func finish(_ events: [AuditEvent], _ due: ContinuousClock.Instant?) {
        for event in events { audit.record(event) }
        if let due { timer(due) { [weak self] in self?.timerFired() } }
    }

    /// When to set the timer for; nil when nothing is pending or it is set. One timer serves all.
    private static func setTimer(_ state: inout State) -> ContinuousClock.Instant? {
        guard !state.isTimerSet, let due = state.meter.dueAt else { return nil }
        state.isTimerSet = true
        return due
    }

    /// A task that sleeps until then.
    package static let sleep: Timer = { moment, work in
        Task {
            try? await Task.sleep(until: moment, clock: .continuous)
            work()
        }
    }
}
