import Storage

/// What administrators may do to an account named by its email. Who is an administrator is decided
/// before a handler runs.
extension Authenticator {
    /// The account with an address.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.storeUnavailable`.
    package func account(
        email: String, context: RequestContext
    ) async throws(AuthError) -> AccountSummary {
        let record = try await administered(try parse(email), context, withSessions: true)
        return AccountSummary(record, at: now(), policy: policy, lockout: lockoutPolicy)
    }

    /// Disables an account, which ends its sessions and a pending password reset, or re-enables
    /// it. Succeeds if that is already its state.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.storeUnavailable`, `.conflict`, `.cancelled`.
    package func setDisabled(
        _ isDisabled: Bool, email: String, context: RequestContext
    ) async throws(AuthError) {
        try await administer(email, context) { account in
            guard account.isDisabled != isDisabled else { return }
            account.isDisabled = isDisabled
            if isDisabled {
                account.sessionEpoch += 1
                account.passwordReset = nil
            }
        }
    }

    /// Turns a user's MFA off and ends their sessions. Deletes the secret and the recovery codes.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.mfaNotEnabled`, `.storeUnavailable`,
    ///   `.conflict`, `.cancelled`.
    package func resetMFA(email: String, context: RequestContext) async throws(AuthError) {
        let record = try await administer(email, context) { account throws(AuthError) in
            guard account.secondFactor != nil else { throw .mfaNotEnabled }
            account.turnMFAOff()
            account.sessionEpoch += 1
        }
        lockout.forget(Credential.codes, of: record)
    }

    /// Ends all sessions of a user.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.storeUnavailable`, `.conflict`, `.cancelled`.
    package func revokeSessions(email: String, context: RequestContext) async throws(AuthError) {
        try await administer(email, context) { $0.sessionEpoch += 1 }
    }

    /// Removes an account and its sessions; nothing about the user stays in the store, whether or not
    /// it can be read. That goes for a row of the old table, too, that can't become an account: nobody
    /// else could free its address.
    ///
    /// - Throws: `.emailInvalid`, `.userNotFound`, `.storeUnavailable`, `.conflict`, `.cancelled`.
    package func removeAccount(email: String, context: RequestContext) async throws(AuthError) {
        let address = try parse(email)
        let identifiers = try await retryingConflicts { () async throws(AuthError) -> [String]? in
            let found = try await storing { () async throws(StoreError) in
                try await repository.remains(of: address.text)
            }
            guard let found else {
                if try await removeUnreadableOldRow(address) { return [] }
                // A user of the old table becomes an account first, for the next round.
                _ = try await administered(address, context)
                return nil
            }
            if let userID = found.userID { context.trail.note(userID: userID) }
            let isRemoved = try await writing { () async throws(StoreError) in
                try await repository.delete(found)
            }
            return isRemoved ? found.userID.map { [$0] } ?? found.sessionIDs : nil
        }
        for identifier in identifiers { forget(identifier) }
    }

    /// False when there is no such row.
    private func removeUnreadableOldRow(
        _ address: EmailAddress
    ) async throws(AuthError) -> Bool {
        try await storing { () async throws(StoreError) in
            guard try await repository.hasUnreadableOldRow(address.text, now: now()) else {
                return false
            }
            try await repository.deleteFromOldTable(address.text)
            return true
        }
    }

    /// Changes the account of an address by one conditional write, and makes this daemon ask the
    /// store again about its sessions. Gives back what was written over.
    @discardableResult
    func administer(
        _ email: String, _ context: RequestContext,
        _ change: (inout Account) throws(AuthError) -> Void
    ) async throws(AuthError) -> AccountRecord {
        let address = try parse(email)
        let record = try await retryingConflicts { () async throws(AuthError) -> AccountRecord? in
            let record = try await administered(address, context)
            var account = record.account
            try change(&account)
            guard account != record.account else { return record }
            let changed = account
            let stored = try await writing { () async throws(StoreError) in
                try await repository.update(record, to: changed, keeping: nil, as: nil)
            }
            return stored ? record : nil
        }
        forget(record.account.userID)
        return record
    }

    /// The account of an address, noted for the audit log. One that is still in the old table is
    /// moved first, with the failures that were counted in memory, so that a look at it frees nobody:
    /// whatever an administrator decides about it holds from then on.
    ///
    /// Its sessions are read only where they are shown: one that can't be read keeps nobody from
    /// disabling the account, and ending all of them changes nothing but the account's row.
    private func administered(
        _ address: EmailAddress, _ context: RequestContext, withSessions: Bool = false
    ) async throws(AuthError) -> AccountRecord {
        let record = try await storing { () async throws(StoreError) in
            try await repository.loadMoving(
                address.text, withSessions: withSessions, now: now()
            ) { partition in
                lockout.failures(ofUnknown: partition)
            }
        }
        guard let record else { throw .userNotFound }
        context.trail.note(userID: record.account.userID)
        return record
    }
}
