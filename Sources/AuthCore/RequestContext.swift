import Synchronization

/// What an operation may know about its call.
package struct RequestContext: Sendable {
    /// When the caller stops waiting; nil for never.
    package var deadline: ContinuousClock.Instant?
    /// The end user's address, if the caller may state it; at most 45 characters.
    package var clientAddress: String?
    /// Label for a new session, at most 100 bytes.
    package var clientName: String?
    /// Who calls the daemon, in words that stay the same from call to call: a user id, or the name
    /// of a certificate. Empty if unknown.
    package var caller: String
    /// Collects what the audit event of this call will name.
    package let trail = AuditTrail()

    package init(
        deadline: ContinuousClock.Instant? = nil, clientAddress: String? = nil,
        clientName: String? = nil, caller: String = ""
    ) {
        self.deadline = deadline
        self.clientAddress = clientAddress
        self.clientName = clientName
        self.caller = caller
    }
}

/// Collects, while a call is handled, which account and session it is about.
///
/// A refused call is audited too, and only the code that refuses it knows what it had found so far.
package final class AuditTrail: Sendable {
    private let subject = Mutex(AuditSubject())

    /// Names the account.
    package func note(userID: String) {
        subject.withLock { $0.userID = userID }
    }

    /// Names the partition of an address, whether it has an account or not.
    func note(partition: AccountPartition) {
        subject.withLock { $0.partition = partition.name }
    }

    /// Names the session.
    package func note(sessionID: String) {
        subject.withLock { $0.sessionID = sessionID }
    }

    /// What was noted so far.
    package var current: AuditSubject {
        subject.withLock { $0 }
    }
}

/// The account and the session that a call is about, as far as they were found.
package struct AuditSubject: Sendable, Equatable {
    package var userID: String?
    package var sessionID: String?
    /// `AccountPartition.name` of the address that was named in the request.
    package var partition: String?

    /// Nothing was found.
    package init() {}
}
