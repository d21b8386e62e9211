import Storage

/// An account and its sessions as they were read, with the versions on which writes are
/// conditional.
struct AccountRecord: Sendable {
    let partition: AccountPartition
    var account: Account
    let etag: ETag
    var sessions: [StoredSession]
    /// The sessions that can't be read, by their ids: filled only where all sessions are read.
    var unreadableSessions: [String: StoreError] = [:]
    /// The names of all rows beside the account's: filled only where all are read.
    var otherRows: [String] = []

    /// The session with that id, if it is this account's and not over.
    func liveSession(
        _ sessionID: String, at now: Timestamp, policy: SessionPolicy
    ) -> StoredSession? {
        sessions.first {
            $0.session.sessionID == sessionID && isLive($0.session, at: now, policy: policy)
        }
    }

    /// The account alone.
    var withoutSessions: AccountRecord {
        AccountRecord(partition: partition, account: account, etag: etag, sessions: [])
    }

    /// What has to be removed with the account; all rows must have been read.
    var remains: AccountRemains {
        AccountRemains(
            email: account.email, partition: partition, userID: account.userID, etag: etag,
            otherRows: otherRows)
    }

    /// Whether a session is this account's and not over.
    func isLive(_ session: Session, at now: Timestamp, policy: SessionPolicy) -> Bool {
        session.belongs(to: account) && policy.isLive(session, at: now)
    }
}

/// A session with the version that was read.
struct StoredSession: Sendable {
    var session: Session
    let etag: ETag
}
