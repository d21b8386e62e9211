import Storage

/// An account and its sessions as they were read, with the versions on which writes are
/// conditional.
struct AccountRecord: Sendable {
    let partition: AccountPartition
    var account: Account
    let etag: ETag
    var sessions: [StoredSession]

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
