package import Storage

/// A row that a listing, a read or a removal went on without, because it can't be read: damaged, or
/// written by a newer version.
package struct UnreadableRow: Sendable, Equatable {
    /// What the row's key says that it is.
    package enum Kind: String, Sendable {
        case account
        case session
        /// Not a row of an account.
        case other
    }

    /// Of an account: the hash of its address.
    package let partition: String
    package let kind: Kind
    /// For the operator's log.
    package let reason: String

    /// - Parameters:
    ///   - key: of the row. Nothing of it but the partition is kept: rows of others are named by
    ///     addresses.
    ///   - reason: why it can't be read.
    package init(_ key: EntityKey, reason: String) {
        partition = key.partition
        self.reason = reason
        if AccountPartition(name: key.partition) == nil {
            kind = .other
        } else if key.row == AccountPartition.accountRow {
            kind = .account
        } else {
            kind = key.row.hasPrefix(AccountPartition.sessionRowPrefix) ? .session : .other
        }
    }
}

/// Is told about each row that something went on without.
package typealias UnreadableNotice = @Sendable (UnreadableRow) -> Void
