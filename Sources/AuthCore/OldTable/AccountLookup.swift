import Storage

/// What the store holds about an address.
enum AccountLookup: Sendable {
    case none
    /// Our own account, which always takes precedence. `leftover` is a row of the old
    /// table next to it: an interrupted move, or something that others wrote there since.
    case stored(AccountRecord, leftover: Entity?)
    /// An account that nobody has moved yet.
    case old(OldAccount)

    /// What a password is checked against; nil if there is no account.
    var account: Account? {
        switch self {
        case .none: nil
        case .stored(let record, _): record.account
        case .old(let old): old.account
        }
    }
}
