import Storage
import Synchronization

/// Remembers for a few seconds which sessions live, so that VerifyToken needs no store.
///
/// What another daemon ends is noticed when an entry is older than `lifetime`. What this daemon ends
/// is noticed at once: `invalidate` marks the moment, and no answer that was read before it counts,
/// not even one that a slow read brings afterwards.
final class SessionCache: Sendable {
    /// Whether a session may be used.
    enum State: Sendable, Equatable {
        /// Until the given moment, if nothing ends it before.
        case live(until: Timestamp)
        case ended
        case accountDisabled
    }

    private struct Entry {
        let userID: String
        let state: State
        /// When the read began, not when it ended: the promise is about what was true then.
        let readAt: ContinuousClock.Instant
    }

    private struct Tables {
        var entries = Generations<Entry>()
        /// When a session or all sessions of a user were last changed here.
        var changes = Generations<ContinuousClock.Instant>()
    }

    private let lifetime: Duration
    private let tables = Mutex(Tables())

    /// - Parameter lifetime: how long an answer counts; zero turns the cache off.
    init(lifetime: Duration) {
        self.lifetime = lifetime
    }

    /// What is known about a session of a user, or nil when the store must be asked.
    func state(
        sessionID: String, userID: String, now: ContinuousClock.Instant
    ) -> State? {
        guard lifetime > .zero else { return nil }
        return tables.withLock { tables in
            guard let entry = tables.entries[sessionID], entry.userID == userID,
                now - entry.readAt < lifetime,
                isNewer(entry, than: tables.changes[sessionID]),
                isNewer(entry, than: tables.changes[userID])
            else { return nil }
            return entry.state
        }
    }

    /// Remembers what a read that began at `readAt` found.
    func remember(
        _ state: State, sessionID: String, userID: String, readAt: ContinuousClock.Instant
    ) {
        guard lifetime > .zero else { return }
        let entry = Entry(userID: userID, state: state, readAt: readAt)
        tables.withLock {
            $0.entries.insert(entry, for: sessionID, lifetime: lifetime, now: readAt)
        }
    }

    /// Forgets what is known about a session, or about all sessions of a user.
    ///
    /// - Parameters:
    ///   - identifier: a session id or a user id.
    ///   - now: any answer read before this moment no longer counts.
    func invalidate(_ identifier: String, now: ContinuousClock.Instant) {
        guard lifetime > .zero else { return }
        tables.withLock { $0.changes.insert(now, for: identifier, lifetime: lifetime, now: now) }
    }

    private func isNewer(_ entry: Entry, than change: ContinuousClock.Instant?) -> Bool {
        guard let change else { return true }
        return entry.readAt > change
    }
}

extension SessionCache {
    /// A dictionary in two halves: when the young half is old enough or full, it becomes the old
    /// half and the old one goes. An element stays for at least `lifetime`, unless the bound forces
    /// it out, and no element is ever looked for to be removed.
    private struct Generations<Value> {
        /// 65,536 live sessions a half: about 20 MiB at the very most. Forgetting one costs a read.
        static var countMax: Int { 65_536 }

        private var young: [String: Value] = [:]
        private var old: [String: Value] = [:]
        private var youngSince: ContinuousClock.Instant?

        subscript(key: String) -> Value? { young[key] ?? old[key] }

        mutating func insert(
            _ value: Value, for key: String, lifetime: Duration, now: ContinuousClock.Instant
        ) {
            let since = youngSince ?? now
            youngSince = since
            if now - since >= lifetime || young.count >= Self.countMax {
                old = young
                young = [:]
                youngSince = now
            }
            young[key] = value
        }
    }
}
