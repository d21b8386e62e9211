import Bytes
import Storage
import Synchronization

/// One call about an account, from before its read to its end: asks to be admitted, once more for a
/// code that must not show before, and gives the outcome back. A visit that ends without an outcome
/// counts for nothing.
final class LockoutVisit: Sendable {
    /// What the call presents.
    struct Claim: Sendable {
        let password: SecretBytes
        /// What comes with the password.
        let code: Credential?
        /// Whether failures at the code must not show before the password is known to be right.
        let hidesCodeWait: Bool
    }

    /// The ticket with which the call was admitted.
    private struct Admission: Sendable {
        /// Nil after it was given back.
        var ticket: LockoutLedger.Ticket?
        /// What was read, without sessions.
        let basis: AccountLookup
    }

    let partition: AccountPartition
    private let lockout: Lockout
    /// Nil before it was admitted.
    private let admission = Mutex<Admission?>(nil)

    init(partition: AccountPartition, lockout: Lockout) {
        self.partition = partition
        self.lockout = lockout
    }

    deinit {
        let ticket = admission.withLock { $0?.ticket }
        lockout.change { [partition] ledger in
            if let ticket { ledger.release(ticket) }
            ledger.leave(partition)
        }
    }

    /// Returns when the claim may be checked; at once when it was admitted before, unless that had
    /// an outcome: then there was no account, and now there is one.
    ///
    /// - Parameters:
    ///   - claim: what the call presents.
    ///   - lookup: the account as it was read. One that nobody has moved from the old table has no
    ///     row for failures: it is moved with the first that are saved.
    ///   - context: of the call.
    /// - Returns: whether the code may be looked at; else `admitCode` is to be asked.
    /// - Throws: what `Lockout.admit` throws.
    func admit(
        _ claim: Claim, _ lookup: AccountLookup, _ context: RequestContext
    ) async throws(AuthError) -> Bool {
        if let ticket = admission.withLock({ $0?.ticket }) { return ticket.hasCode }
        let basis = lookup.withoutSessions
        var account: Account?
        if case .stored(let record, _) = lookup { account = record.account }
        let attempt = LockoutLedger.Attempt(
            partition: partition,
            subject: lockout.codes.subject(
                partition, account,
                network: context.clientAddress.flatMap { ClientNetwork($0) },
                caller: context.caller),
            code: claim.code, hidesCodeWait: claim.hidesCodeWait, owner: lookup.failureOwner,
            stored: account?.failures ?? AccountFailures(),
            fingerprint: lockout.codes.fingerprint(claim.password, of: lookup.account))
        let ticket = try await lockout.admit(.ticket(attempt), deadline: context.deadline)
        admission.withLock { $0 = Admission(ticket: ticket, basis: basis) }
        return ticket.hasCode
    }

    /// Returns when the code of a call whose password is right may be looked at.
    ///
    /// - Throws: what `Lockout.admit` throws.
    func admitCode(_ context: RequestContext) async throws(AuthError) {
        guard let ticket = admission.withLock({ $0?.ticket }) else { return }
        let extended = try await lockout.admit(.code(ticket), deadline: context.deadline)
        admission.withLock { $0?.ticket = extended }
    }

    /// The password or the code was wrong: counts it, unless the call already had its outcome.
    func fail(_ credential: Credential) {
        guard let (ticket, basis) = takeTicket() else { return }
        lockout.change(basis: (partition, basis)) { [now = lockout.now()] in
            $0.fail(ticket, credential, at: now)
        }
    }

    /// What was presented is right, and the account, if it had failures of it, was written without
    /// them.
    func pass() {
        guard let (ticket, _) = takeTicket() else { return }
        lockout.change { $0.pass(ticket) }
    }

    private func takeTicket() -> (LockoutLedger.Ticket, AccountLookup)? {
        admission.withLock { admission in
            guard let admitted = admission, let ticket = admitted.ticket else { return nil }
            admission?.ticket = nil
            return (ticket, admitted.basis)
        }
    }
}

extension AccountLookup {
    fileprivate var withoutSessions: AccountLookup {
        guard case .stored(let record, _) = self else { return self }
        return .stored(record.withoutSessions, leftover: nil)
    }

    fileprivate var failureOwner: FailureOwner? {
        switch self {
        case .none: nil
        case .stored(let record, _): .account(userID: record.account.userID)
        case .old(let old): .unmoved(email: old.account.email)
        }
    }
}
