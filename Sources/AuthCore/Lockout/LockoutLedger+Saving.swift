import Storage

/// A number per credential.
struct CredentialNumbers: Sendable {
    private var numbers = [0, 0, 0]

    subscript(credential: Credential) -> Int {
        get { numbers[credential.rawValue] }
        set { numbers[credential.rawValue] = newValue }
    }
}

/// Failures that are not in the account's row yet.
struct UnsavedFailures: Sendable {
    private(set) var checked = CredentialNumbers()
    private(set) var unchecked = CredentialNumbers()
    /// When the last of them happened.
    private(set) var lastAt = Timestamp(microseconds: 0)
    /// How often a success cleared failures: a save that began earlier must not subtract again.
    private var clearings = 0

    var isEmpty: Bool {
        Credential.allCases.allSatisfy { checked[$0] + unchecked[$0] == 0 }
    }

    /// Counts failures.
    mutating func add(
        _ credential: Credential, checked newChecked: Int, unchecked newUnchecked: Int,
        at now: Timestamp
    ) {
        checked[credential] += newChecked
        unchecked[credential] += newUnchecked
        lastAt = now
    }

    /// Forgets what a success cleared.
    mutating func clear(_ credential: Credential) {
        checked[credential] = 0
        unchecked[credential] = 0
        clearings += 1
    }

    /// Subtracts what was saved.
    mutating func subtract(_ saved: UnsavedFailures) {
        guard saved.clearings == clearings else { return }
        for credential in Credential.allCases {
            checked[credential] -= saved.checked[credential]
            unchecked[credential] -= saved.unchecked[credential]
        }
    }

    /// `failures` plus these.
    func added(to failures: AccountFailures) -> AccountFailures {
        var sum = failures
        for credential in Credential.allCases {
            sum[credential].add(
                checked: checked[credential], unchecked: unchecked[credential], at: lastAt)
        }
        return sum
    }
}

/// What must be saved in accounts' rows.
extension LockoutLedger {
    /// Counts failures of an account, or of an email without one.
    mutating func count(
        _ attempt: Attempt, _ credential: Credential, checked: Int, unchecked: Int = 0,
        at now: Timestamp
    ) {
        let partition = attempt.partition
        var gate = gates[partition, default: Gate()]
        // If account or unlock count are no longer those of the attempt, it counts for nobody.
        guard gate.account == attempt.subject.account else { return }
        gate.failures[credential].add(checked: checked, unchecked: unchecked, at: now)
        if attempt.owner == nil {
            accounts[attempt.subject.row(credential)] = gate.failures[credential]
        } else {
            gate.unsaved.add(credential, checked: checked, unchecked: unchecked, at: now)
            if !gate.isSaving { dueSaves.insert(partition) }
        }
        gates[partition] = gate
    }

    /// Begins the saves that are due: one at a time per account.
    mutating func beginSaves() -> [AccountPartition] {
        let begun = dueSaves.filter { gates[$0]?.isSaving == false }
        dueSaves = []
        for partition in begun { gates[partition]?.isSaving = true }
        return Array(begun)
    }

    /// What a save has to add to the row; nil when nothing is left, which ends the save.
    mutating func nextSave(
        _ partition: AccountPartition
    ) -> (unsaved: UnsavedFailures, owner: FailureOwner)? {
        if let gate = gates[partition], let owner = gate.owner, !gate.unsaved.isEmpty {
            return (gate.unsaved, owner)
        }
        gates[partition]?.unsaved = UnsavedFailures()
        gates[partition]?.isSaving = false
        removeIfIdle(partition)
        return nil
    }

    /// Notes what was saved, and the row's failures since then.
    mutating func saved(
        _ partition: AccountPartition, _ saved: UnsavedFailures, row: AccountFailures
    ) {
        gates[partition]?.unsaved.subtract(saved)
        guard let gate = gates[partition] else { return }
        gates[partition]?.failures = gate.failures.merged(row)
        guard let account = gate.account else { return }
        for credential in Credential.allCases {
            accounts[LockoutSubject.row(account, credential)] = nil
        }
    }

    /// Keeps in memory what could not be saved; nothing is kept for an account that is gone.
    mutating func unsavable(_ partition: AccountPartition, isGone: Bool) {
        guard let gate = gates[partition] else { return }
        gates[partition]?.unsaved = UnsavedFailures()
        guard !isGone, let account = gate.account else { return }
        for credential in Credential.allCases where gate.failures[credential].failures > 0 {
            accounts[LockoutSubject.row(account, credential)] = gate.failures[credential]
        }
    }

    /// `stored` with what the table has of that account, or of that email without one.
    func merged(_ stored: AccountFailures, of account: UInt64) -> AccountFailures {
        var merged = stored
        for credential in Credential.allCases {
            guard let kept = accounts[LockoutSubject.row(account, credential)] else { continue }
            merged[credential] = merged[credential].merged(kept)
        }
        return merged
    }

    /// Forgets the failures of some credentials of an account, when its row does not have them.
    mutating func forget(
        _ credentials: [Credential], of account: UInt64, in partition: AccountPartition
    ) {
        for credential in credentials {
            if gates[partition]?.account == account {
                gates[partition]?.failures.clear(credential)
                gates[partition]?.unsaved.clear(credential)
            }
            accounts[LockoutSubject.row(account, credential)] = nil
        }
    }

    /// Forgets what is known of an account, which an administrator unlocked.
    mutating func unlocked(_ partition: AccountPartition) {
        gates[partition]?.account = nil
        gates[partition]?.failures = AccountFailures()
        gates[partition]?.unsaved = UnsavedFailures()
    }

    mutating func removeIfIdle(_ partition: AccountPartition) {
        if gates[partition]?.isIdle == true { gates[partition] = nil }
    }
}

extension LockoutSubject {
    /// Where the accounts table has the failures of a credential.
    func row(_ credential: Credential) -> UInt64 { LockoutSubject.row(account, credential) }

    /// The same for the code of an account. The codes are random, so adding a small number makes
    /// another.
    static func row(_ account: UInt64, _ credential: Credential) -> UInt64 {
        account ^ UInt64(credential.rawValue) << 32
    }
}
