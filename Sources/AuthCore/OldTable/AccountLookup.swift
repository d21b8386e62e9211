import Storage

/// What the store holds about an address.
enum AccountLookup: Sendable {
    case none
    /// An account of ours, which is always the one that counts. `leftover` is a row of the old
    /// table beside it: a move that was interrupted, or something that others wrote there since.
    case stored(AccountRecord, leftover: Entity?)
    /// An account that nobody has moved yet.
    case old(OldAccount)

    /// What a password is checked against; nil where there is no account.
    var account: Account? {
        switch self {
        case .none: nil
        case .stored(let record, _): record.account
        case .old(let old): old.account
        }
    }
}
