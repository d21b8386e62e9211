import Storage

/// Who may try a password or a code now: all counters that are in memory, and the attempts that are
/// being checked or waiting for it.
///
/// A struct without I/O, tasks or a clock. An attempt enters before it reads the account, so that
/// nothing that happens to the account afterwards escapes it; it is judged with what it read, and
/// either refused, or admitted, or told to wait for those ahead of it. As many are checked at once
/// as may fail without a wait, so parallel guesses get no further than sequential ones.
struct LockoutLedger {
    /// One call that presents a password, and maybe a code.
    struct Attempt: Sendable {
        let partition: AccountPartition
        let subject: LockoutSubject
        /// What comes with the password.
        let code: Credential?
        /// Whether a wait for codes must stay hidden until the password is known to be right.
        let hidesCodeWait: Bool
        /// Whose row the failures are saved in; nil when there is no account.
        let owner: FailureOwner?
        /// As read from the account's row; nothing if there is no account.
        let stored: AccountFailures
        /// Of the password.
        let fingerprint: PasswordFingerprint
    }

    /// Permission to check an attempt: to be given back once, by `fail`, `pass` or `release`.
    struct Ticket: Sendable {
        let attempt: Attempt
        /// Whether it has a place for the code, too; else the code must not be looked at yet.
        var hasCode: Bool

        /// What the ticket covers.
        var credentials: [Credential] {
            [.password] + (hasCode ? attempt.code.map { [$0] } ?? [] : [])
        }
    }

    /// What a call asks for.
    enum Request: Sendable {
        /// A ticket.
        case ticket(Attempt)
        /// A place for the code besides: the password is right, and a wait may show.
        case code(Ticket)
    }

    enum Verdict: Sendable {
        case admitted(Ticket)
        case throttled(Duration)
        /// Others are being checked, and their outcome decides about this one.
        case busy
    }

    /// What is known about an account while there are calls about it.
    struct Gate {
        var visitors = 0
        /// The code of the account that `failures` are of.
        var account: UInt64?
        var owner: FailureOwner?
        var failures = AccountFailures()
        var checking = CredentialNumbers()
        var unsaved = UnsavedFailures()
        var isSaving = false

        var isIdle: Bool { visitors == 0 && !isSaving && unsaved.isEmpty }
    }

    let policy: LockoutPolicy
    var gates: [AccountPartition: Gate] = [:]
    /// Emails without an account, and accounts whose row could not be written.
    var accounts: CounterTable<FailureCount>
    private var pairs: CounterTable<FailureCount>
    private var networks: CounterTable<NetworkFailures>
    private var wrongPasswords: CounterTable<WrongPasswords>
    private var checkingPairs: [UInt64: Int] = [:]
    private var checkingNetworks: [UInt64: Int] = [:]
    /// In order of arrival.
    private var waiting: [(id: UInt64, request: Request)] = []
    /// Gates with something to save that nobody saves yet.
    var dueSaves: Set<AccountPartition> = []

    /// More calls than hash queues hold; further ones are told that the daemon is overloaded.
    static let waitingMax = 1024

    /// - Parameters:
    ///   - policy: what is free and how long waits are.
    ///   - setCount: the size of the tables, a power of two; 8 rows per set. At 16,384 they hold
    ///     131,072 emails, as many pairs, and half as many networks and callers: about 25 MB when
    ///     they are full.
    init(policy: LockoutPolicy, setCount: Int = 16_384) {
        self.policy = policy
        accounts = CounterTable(setCount: setCount) { $0.isLighter(than: $1) }
        pairs = CounterTable(setCount: setCount) { $0.isLighter(than: $1) }
        networks = CounterTable(setCount: max(1, setCount / 2)) { $0.isLighter(than: $1) }
        wrongPasswords = CounterTable(setCount: max(1, setCount / 2)) { $0.lastAt < $1.lastAt }
    }

    /// How many rows the tables have, and how many they can have.
    var rowCount: (now: Int, most: Int) {
        (
            accounts.count + pairs.count + networks.count + wrongPasswords.count,
            accounts.capacity + pairs.capacity + networks.capacity + wrongPasswords.capacity
        )
    }

    /// How many calls wait for others.
    var waitingCount: Int { waiting.count }

    /// Begins a call, before it reads the account.
    mutating func enter(_ partition: AccountPartition) {
        gates[partition, default: Gate()].visitors += 1
    }

    /// Ends a call.
    mutating func leave(_ partition: AccountPartition) {
        gates[partition]?.visitors -= 1
        removeIfIdle(partition)
    }

    /// Judges a call that has read its account.
    mutating func judge(_ request: Request, at now: Timestamp) -> Verdict {
        if case .ticket(let attempt) = request { see(attempt) }
        return decide(request, hasWaited: false, at: now)
    }

    /// Takes over what the call has read.
    private mutating func see(_ attempt: Attempt) {
        let seen = merged(attempt.stored, of: attempt.subject.account)
        var gate = gates[attempt.partition, default: Gate()]
        let isKnown = gate.account == attempt.subject.account
        gate.account = attempt.subject.account
        // While an account is being moved, a read may find neither row: what is to be saved stays.
        if attempt.owner != nil || !isKnown || gate.unsaved.isEmpty { gate.owner = attempt.owner }
        gate.failures = isKnown ? gate.failures.merged(seen) : seen
        gates[attempt.partition] = gate
    }

    /// Lets a call that is `busy` wait; false when too many do.
    mutating func wait(_ id: UInt64, _ request: Request) -> Bool {
        guard waiting.count < LockoutLedger.waitingMax else { return false }
        waiting.append((id, request))
        return true
    }

    /// Takes a call out of the line; false when it is not in it any more.
    mutating func stopWaiting(_ id: UInt64) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Judges the waiting attempts again; to be called after each returned ticket.
    mutating func judgeWaiting(at now: Timestamp) -> [(id: UInt64, verdict: Verdict)] {
        var judged: [(id: UInt64, verdict: Verdict)] = []
        var rest: [(id: UInt64, request: Request)] = []
        for (id, request) in waiting {
            let verdict = decide(request, hasWaited: true, at: now)
            if case .busy = verdict {
                rest.append((id, request))
            } else {
                judged.append((id, verdict))
            }
        }
        waiting = rest
        return judged
    }

    /// Gives a ticket back without an outcome.
    mutating func release(_ ticket: Ticket) {
        let subject = ticket.attempt.subject
        for credential in ticket.credentials {
            gates[ticket.attempt.partition]?.checking[credential] -= 1
        }
        if let pair = subject.pair { LockoutLedger.decrement(&checkingPairs, pair) }
        if let network = subject.network { LockoutLedger.decrement(&checkingNetworks, network) }
    }

    /// Gives a ticket back: the password or the code was wrong. A wrong password that the
    /// same caller sent recently is not a guess: a service with a stale secret sends it forever.
    mutating func fail(_ ticket: Ticket, _ credential: Credential, at now: Timestamp) {
        release(ticket)
        let attempt = ticket.attempt
        if credential == .password {
            var last = wrongPasswords[attempt.subject.caller] ?? WrongPasswords()
            let isNew = last.note(attempt.fingerprint, at: now)
            wrongPasswords[attempt.subject.caller] = last
            guard isNew else { return }
        }
        if let pair = attempt.subject.pair {
            var failures = pairs[pair] ?? FailureCount()
            failures.add(checked: 1, at: now)
            pairs[pair] = failures
        }
        if let network = attempt.subject.network {
            var failures = networks[network]
            failures?.add(at: now, policy)
            networks[network] = failures ?? NetworkFailures(at: now)
        }
        count(attempt, credential, checked: 1, at: now)
    }

    /// Gives a ticket back: what was presented is right, and the row, if it had failures of it, was
    /// written without them.
    mutating func pass(_ ticket: Ticket) {
        release(ticket)
        let subject = ticket.attempt.subject
        forget(ticket.credentials, of: subject.account, in: ticket.attempt.partition)
        if let pair = subject.pair {
            if let network = subject.network, let failures = pairs[pair] {
                networks[network]?.forgive(failures.checked)
            }
            pairs[pair] = nil
        }
        wrongPasswords[subject.caller] = nil
    }

    private mutating func decide(
        _ request: Request, hasWaited: Bool, at now: Timestamp
    ) -> Verdict {
        switch request {
        case .ticket(let attempt): decide(attempt, hasWaited: hasWaited, at: now)
        case .code(let ticket): decide(ticket, at: now)
        }
    }

    /// Decides on the code of a call that has a place for its password. Who has one for a code waits
    /// for no other, so those who wait here are served.
    private mutating func decide(_ admitted: Ticket, at now: Timestamp) -> Verdict {
        var ticket = admitted
        let partition = ticket.attempt.partition
        guard let code = ticket.attempt.code, !ticket.hasCode else { return .admitted(ticket) }
        if let wait = gates[partition]?.failures[code].wait(at: now, policy) {
            return .throttled(wait)
        }
        guard hasRoom(code, in: partition) else { return .busy }
        gates[partition]?.checking[code] += 1
        ticket.hasCode = true
        return .admitted(ticket)
    }

    private mutating func decide(
        _ attempt: Attempt, hasWaited: Bool, at now: Timestamp
    ) -> Verdict {
        if let wait = standingWait(attempt, countsUnseen: hasWaited, at: now) {
            return .throttled(wait)
        }
        var ticket = Ticket(attempt: attempt, hasCode: true)
        if attempt.hidesCodeWait, let code = attempt.code {
            // Without a place it continues all the same: waiting for one would reveal the failures.
            let wait = gates[attempt.partition]?.failures[code].wait(at: now, policy)
            ticket.hasCode = wait == nil && hasRoom(code, in: attempt.partition)
        }
        guard hasRoom(ticket, at: now) else { return .busy }
        for credential in ticket.credentials {
            gates[attempt.partition]?.checking[credential] += 1
        }
        if let pair = attempt.subject.pair { checkingPairs[pair, default: 0] += 1 }
        if let network = attempt.subject.network { checkingNetworks[network, default: 0] += 1 }
        return .admitted(ticket)
    }

    /// The longest wait that holds up the attempt. An attempt refused together with others it came
    /// with counts where they failed: for the account from this network, if that is known,
    /// else for the account.
    private mutating func standingWait(
        _ attempt: Attempt, countsUnseen: Bool, at now: Timestamp
    ) -> Duration? {
        let failures = gates[attempt.partition]?.failures ?? AccountFailures()
        let pair = attempt.subject.pair.flatMap { pairs[$0]?.wait(at: now, policy.withoutEnd) }
        let network = attempt.subject.network.flatMap { networks[$0]?.wait(at: now, policy) }
        let shown: [Credential] =
            [.password] + (attempt.hidesCodeWait ? [] : attempt.code.map { [$0] } ?? [])
        let own = shown.compactMap { credential in
            failures[credential].wait(at: now, policy).map { (credential, $0) }
        }
        guard let wait = ([pair, network].compactMap { $0 } + own.map(\.1)).max() else {
            return nil
        }
        if countsUnseen {
            if pair != nil, let code = attempt.subject.pair {
                pairs[code]?.add(checked: 0, unchecked: 1, at: now)
            } else if network == nil, let (credential, _) = own.first {
                count(attempt, credential, checked: 0, unchecked: 1, at: now)
            }
        }
        return wait
    }

    /// Whether all who are being checked and this one may fail without a wait, or nobody is.
    private func hasRoom(_ ticket: Ticket, at now: Timestamp) -> Bool {
        let subject = ticket.attempt.subject
        let free = policy.freeFailures
        for credential in ticket.credentials
        where !hasRoom(credential, in: ticket.attempt.partition) {
            return false
        }
        if let pair = subject.pair,
            checkingPairs[pair, default: 0] >= max(1, free - (pairs[pair]?.failures ?? 0))
        {
            return false
        }
        if let network = subject.network {
            let failed = networks[network]?.failures(at: now, policy) ?? 0
            let room = max(1, policy.freeFailuresOfNetwork - failed)
            if checkingNetworks[network, default: 0] >= room { return false }
        }
        return true
    }

    /// The same for one credential of an account.
    private func hasRoom(_ credential: Credential, in partition: AccountPartition) -> Bool {
        guard let gate = gates[partition] else { return true }
        let room = policy.freeFailures - gate.failures[credential].failures
        return gate.checking[credential] < max(1, room)
    }

    private static func decrement(_ numbers: inout [UInt64: Int], _ key: UInt64) {
        let rest = (numbers[key] ?? 1) - 1
        numbers[key] = rest > 0 ? rest : nil
    }
}
