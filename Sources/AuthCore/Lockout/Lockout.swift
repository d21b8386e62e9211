import DispatchBridge
import Storage
import Synchronization

/// Slows down guessers: runs the `LockoutLedger` for the calls of this daemon, and saves what it
/// counts in the accounts' rows.
///
/// Failures are saved after the answer. An email without an account has no row to write, so a
/// refusal that waited for the write would reveal by its timing that there is one.
final class Lockout: Sendable {
    private struct State {
        var ledger: LockoutLedger
        var lastID: UInt64 = 0
        /// Nil wakes a waiter without a verdict: the call was cancelled.
        var promises: [UInt64: Promise<LockoutLedger.Verdict?>] = [:]
        var savesRunning = 0
        var whenSaved: [Promise<Void>] = []
    }

    let codes = LockoutCodes()
    private let state: Mutex<State>
    private let writer: FailureWriter
    private let notify: UnsavedNotice
    let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - policy: what is free and how long waits are.
    ///   - writer: saves failures.
    ///   - notify: is told about those that could not be saved.
    ///   - now: the present moment in UTC.
    init(
        policy: LockoutPolicy, writer: FailureWriter, notify: @escaping UnsavedNotice,
        now: @escaping @Sendable () -> Timestamp
    ) {
        state = Mutex(State(ledger: LockoutLedger(policy: policy)))
        self.writer = writer
        self.notify = notify
        self.now = now
    }

    /// How many calls are waiting for others about the same account or network.
    var waitingCount: Int { state.withLock { $0.ledger.waitingCount } }

    /// Begins a call about an account, before it reads the account; ends when the visit is
    /// released.
    func visit(_ partition: AccountPartition) -> LockoutVisit {
        state.withLock { $0.ledger.enter(partition) }
        return LockoutVisit(partition: partition, lockout: self)
    }

    /// Forgets what is known about an account that an administrator unlocked.
    func unlocked(_ partition: AccountPartition) {
        change { $0.unlocked(partition) }
    }

    /// What is in memory of an email without an account, or with one that nobody has moved yet.
    func failures(ofUnknown partition: AccountPartition) -> AccountFailures {
        let account = codes.account(partition, nil)
        return state.withLock { $0.ledger.merged(AccountFailures(), of: account) }
    }

    /// Forgets the failures of codes that the account no longer has, if its row does not have them.
    func forget(_ credentials: [Credential], of record: AccountRecord) {
        let account = codes.account(record.partition, record.account)
        change { $0.forget(credentials, of: account, in: record.partition) }
    }

    /// Returns when all that was counted is saved, or can't be.
    func settle() async {
        let promise = Promise<Void>()
        let isSettled = state.withLock { state in
            if state.savesRunning > 0 { state.whenSaved.append(promise) }
            return state.savesRunning == 0
        }
        if !isSettled { await promise.value() }
    }

    /// Judges a call, waiting for those before it if it depends on their outcome.
    ///
    /// - Throws: `.throttled`, `.overloaded` when too many wait, `.deadlineExceeded`, `.cancelled`.
    func admit(
        _ request: LockoutLedger.Request, deadline: ContinuousClock.Instant?
    ) async throws(AuthError) -> LockoutLedger.Ticket {
        switch await verdict(request) {
        case .admitted(let ticket): return ticket
        case .throttled(let wait): throw .throttled(retryAfter: wait)
        case .busy: throw .overloaded(retryAfter: .seconds(1))
        case nil:
            if let deadline, deadline <= .now { throw .deadlineExceeded }
            throw .cancelled
        }
    }

    /// Changes the ledger; then judges the waiting calls, and saves what there is to save.
    ///
    /// - Parameters:
    ///   - read: the partition of the account that failed, and what the failed call has read.
    ///   - body: the change.
    func change(
        basis read: (partition: AccountPartition, lookup: AccountLookup)? = nil,
        _ body: (inout LockoutLedger) -> Void
    ) {
        let now = now()
        let (woken, saves) = state.withLock { state in
            body(&state.ledger)
            let judged = state.ledger.judgeWaiting(at: now)
            let woken = judged.map { (state.promises.removeValue(forKey: $0.id), $0.verdict) }
            let saves = state.ledger.beginSaves()
            state.savesRunning += saves.count
            return (woken, saves)
        }
        for (promise, verdict) in woken { promise?.fulfil(verdict) }
        for partition in saves {
            let basis = read?.partition == partition ? read?.lookup ?? .none : .none
            // Continues after the failed call is over or cancelled.
            Task { await save(partition, basis) }
        }
    }

    /// The verdict; `.busy` when too many wait, nil when the call was cancelled while it did.
    private func verdict(_ request: LockoutLedger.Request) async -> LockoutLedger.Verdict? {
        let now = now()
        let promise = Promise<LockoutLedger.Verdict?>()
        let (verdict, id) = state.withLock { state -> (LockoutLedger.Verdict, UInt64?) in
            let verdict = state.ledger.judge(request, at: now)
            guard case .busy = verdict else { return (verdict, nil) }
            state.lastID += 1
            guard state.ledger.wait(state.lastID, request) else { return (.busy, nil) }
            state.promises[state.lastID] = promise
            return (.busy, state.lastID)
        }
        guard let id else { return verdict }
        return await promise.value { self.cancel(id) }
    }

    private func cancel(_ id: UInt64) {
        let promise = state.withLock { state -> Promise<LockoutLedger.Verdict?>? in
            guard state.ledger.stopWaiting(id) else { return nil }
            return state.promises.removeValue(forKey: id)
        }
        promise?.fulfil(nil)
    }

    /// Writes until nothing is left to write. What the store does not accept stays in memory.
    private func save(_ partition: AccountPartition, _ first: AccountLookup) async {
        var basis = first
        var rounds = 0
        while let (unsaved, owner) = state.withLock({ $0.ledger.nextSave(partition) }) {
            let outcome = await writer.write(unsaved, partition, owner: owner, basis: basis)
            basis = .none
            rounds += 1
            state.withLock { state in
                switch outcome {
                case .stored(let row):
                    state.ledger.saved(partition, unsaved, row: row)
                    rounds = 0
                case .conflict where rounds < FailureWriter.roundsMax: break
                case .conflict, .failed: state.ledger.unsavable(partition, isGone: false)
                case .gone: state.ledger.unsavable(partition, isGone: true)
                }
            }
            switch outcome {
            case .conflict(let error) where rounds >= FailureWriter.roundsMax:
                notify(owner.userID, error)
            case .failed(let error): notify(owner.userID, error)
            case .stored, .conflict, .gone: break
            }
        }
        let waiting = state.withLock { state -> [Promise<Void>] in
            state.savesRunning -= 1
            guard state.savesRunning == 0 else { return [] }
            defer { state.whenSaved = [] }
            return state.whenSaved
        }
        for promise in waiting { promise.fulfil(()) }
    }
}
