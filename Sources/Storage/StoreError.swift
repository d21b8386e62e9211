/// Why a store did not do what it was asked to.
package enum StoreError: Error, Sendable, Equatable {
    /// An insert found an entity with the same key. `index` is the operation's place in its
    /// transaction.
    case alreadyExists(index: Int)
    /// A replace or delete found no entity with that key.
    case notFound(index: Int)
    /// A replace or delete found another version of the entity.
    case versionMismatch(index: Int)
    /// The store can't be reached or does not answer; nothing was written. The text is for the
    /// operator's log, never for a caller.
    case unavailable(String)
    /// The task that asked was cancelled, and nobody waits for the answer. A write that was already
    /// sent may take effect.
    case cancelled
    /// A write was sent, but no answer says whether it took effect.
    case unknownOutcome(String)
    /// What is stored can't be read as an entity, or what was to be stored can't be one
    /// (`EntityLimits`). The text names it, for the operator's log.
    case corrupt(String)

    /// Whether the write lost to another one: it may be decided anew, from what is stored now, and
    /// tried again.
    package var isLostRace: Bool {
        switch self {
        case .alreadyExists, .notFound, .versionMismatch: true
        case .unavailable, .cancelled, .unknownOutcome, .corrupt: false
        }
    }

    /// What the operator's log says about it.
    package var text: String {
        switch self {
        case .unavailable(let text), .unknownOutcome(let text), .corrupt(let text): text
        case .cancelled: "the caller gave up"
        case .alreadyExists, .notFound, .versionMismatch: "\(self)"
        }
    }
}
