import TTRPC

/// Counts refusals by caller, and says which of them get a line of their own in the audit log. No
/// I/O and no clock.
///
/// Refused callers pay nothing for it, and could fill the bounded queue of the audit log
/// with such lines until those about others are lost. So a caller gets `linesMax` lines per second,
/// and then one with a count.
struct RefusalMeter {
    /// Lines per caller per second: enough to see what they are trying.
    static let linesMax = 10
    /// Callers that are distinguished within a second. Further ones share one place, so that
    /// however many identities a flood has, it causes fewer than 800 lines a second; the queue
    /// takes 8192.
    static let callersMax = 64
    /// How long a caller's lines are counted together.
    static let window: Duration = .seconds(1)

    private struct Window {
        let start: ContinuousClock.Instant
        var lines = 0
        /// The events without a line, and the last of them.
        var leftOut = 0
        var last: AuditEvent?
    }

    private var windows: [CallerIdentity: Window] = [:]

    /// How many callers are counted now.
    var callerCount: Int { windows.count }

    /// When the first window with a pending count ends; nil when there is none.
    var dueAt: ContinuousClock.Instant? {
        windows.values.filter { $0.leftOut > 0 }.map { $0.start + RefusalMeter.window }.min()
    }

    /// Counts a refusal.
    ///
    /// - Parameters:
    ///   - event: of the refusal.
    ///   - now: when it was.
    /// - Returns: what to record now: counts that are due, and the event unless it is left out.
    mutating func take(_ event: AuditEvent, at now: ContinuousClock.Instant) -> [AuditEvent] {
        var identity = CallerIdentity(event.peer)
        var events: [AuditEvent] = []
        if let window = windows[identity], now - window.start >= RefusalMeter.window {
            events += RefusalMeter.count(of: window)
            windows[identity] = nil
        }
        if windows[identity] == nil, windows.count >= RefusalMeter.callersMax {
            events += flush(at: now)
            if windows.count >= RefusalMeter.callersMax { identity = .shared }
        }
        var window = windows[identity] ?? Window(start: now)
        if now - window.start >= RefusalMeter.window {
            events += RefusalMeter.count(of: window)
            window = Window(start: now)
        }
        if window.lines < RefusalMeter.linesMax {
            window.lines += 1
            events.append(event)
        } else {
            window.leftOut += 1
            window.last = event
        }
        windows[identity] = window
        return events
    }

    /// Ends the windows that are over.
    ///
    /// - Parameter now: the present moment; nil ends all of them.
    /// - Returns: their counts, to be recorded.
    mutating func flush(at now: ContinuousClock.Instant?) -> [AuditEvent] {
        let over = windows.filter { _, window in
            now.map { $0 - window.start >= RefusalMeter.window } ?? true
        }
        for identity in over.keys { windows[identity] = nil }
        return over.values.flatMap(RefusalMeter.count(of:))
    }

    private static func count(of window: Window) -> [AuditEvent] {
        guard window.leftOut > 0, var event = window.last else { return [] }
        event.leftOut = window.leftOut
        return [event]
    }
}
