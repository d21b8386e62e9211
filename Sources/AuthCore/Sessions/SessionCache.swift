import Clocks
import Storage
import Synchronization

/// Caches for a few seconds which sessions are alive, so that VerifyToken needs no store.
///
/// A session ended by another daemon is noticed when its entry is older than `lifetime`; one ended
/// here is noticed at once: `invalidate` records the time, and no answer read before it counts,
/// not even if a slow read delivers it later.
final class SessionCache: Sendable {
    /// Whether a session may be used.
    enum State: Sendable, Equatable {
        /// Until the given moment, unless something ends it earlier.
        case live(until: Timestamp)
        case ended
        case accountDisabled
    }

    /// What the cache once said about a session.
    struct Finding: Sendable {
        fileprivate let state: State
        fileprivate let readAt: BootTime
        /// How many changes there had been by then.
        fileprivate let changeCount: UInt64
    }

    private struct Entry {
        let userID: String
        let state: State
        /// When the read began, not when it ended: the promise refers to that moment.
        let readAt: BootTime
    }

    private struct Tables {
        var entries = Generations<Entry>()
        /// When a session or all sessions of a user were last changed here.
        var changes = Generations<BootTime>()
    }

    /// In nanoseconds.
    private let lifetime: UInt64
    private let tables = Mutex(Tables())
    /// Changes of any session or user since the start.
    private let changeCount = Atomic<UInt64>(0)

    /// - Parameter lifetime: how long an answer is valid; zero turns the cache off.
    init(lifetime: Duration) {
        self.lifetime = UInt64(max(0, lifetime.wholeNanoseconds))
    }

    /// What is known about a session of a user, or nil when the store must be asked.
    func state(
        sessionID: String, userID: String, now: BootTime
    ) -> State? {
        entry(sessionID: sessionID, userID: userID, now: now)?.state
    }

    /// The same for the session of a token that is used repeatedly. What was found for it before
    /// stays valid as long as it is not too old and nothing at all has changed since: then nothing
    /// has to be looked up.
    func state(of token: VerifiedToken, now: BootTime) -> State? {
        // Read before the lookup: a change in between then makes the numbers differ.
        let count = changeCount.load(ordering: .acquiring)
        return token.session.withLock { finding in
            if let finding, finding.changeCount == count,
                now.nanoseconds(since: finding.readAt) < lifetime
            {
                return finding.state
            }
            finding = entry(
                sessionID: token.claims.sessionID, userID: token.claims.userID, now: now
            ).map { Finding(state: $0.state, readAt: $0.readAt, changeCount: count) }
            return finding?.state
        }
    }

    private func entry(
        sessionID: String, userID: String, now: BootTime
    ) -> Entry? {
        guard lifetime > 0 else { return nil }
        return tables.withLock { tables in
            guard let entry = tables.entries[sessionID], entry.userID == userID,
                now.nanoseconds(since: entry.readAt) < lifetime,
                isNewer(entry, than: tables.changes[sessionID]),
                isNewer(entry, than: tables.changes[userID])
            else { return nil }
            return entry
        }
    }

    /// Stores what a read that began at `readAt` found.
    func remember(
        _ state: State, sessionID: String, userID: String, readAt: BootTime
    ) {
        guard lifetime > 0 else { return }
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
    func invalidate(_ identifier: String, now: BootTime) {
        guard lifetime > 0 else { return }
        tables.withLock { $0.changes.insert(now, for: identifier, lifetime: lifetime, now: now) }
        changeCount.add(1, ordering: .releasing)
    }

    private func isNewer(_ entry: Entry, than change: BootTime?) -> Bool {
        guard let change else { return true }
        return entry.readAt > change
    }
}

extension SessionCache {
    /// A dictionary in two halves: when the young half is old enough or full, it becomes the old
    /// half and the old one is dropped. An element stays for at least `lifetime`, unless the limit
    /// forces it out, and elements are never searched for removal.
    private struct Generations<Value> {
        /// 65,536 live sessions per half: about 20 MiB at most. Dropping one costs a read.
        static var countMax: Int { 65_536 }

        private var young: [String: Value] = [:]
        private var old: [String: Value] = [:]
        private var youngSince: BootTime?

        subscript(key: String) -> Value? { young[key] ?? old[key] }

        mutating func insert(
            _ value: Value, for key: String, lifetime: UInt64, now: BootTime
        ) {
            let since = youngSince ?? now
            youngSince = since
            if now.nanoseconds(since: since) >= lifetime || young.count >= Self.countMax {
                old = young
                young = [:]
                youngSince = now
            }
            young[key] = value
        }
    }
}
