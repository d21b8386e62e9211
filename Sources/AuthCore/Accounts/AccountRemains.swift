import Storage

/// What is stored about an address, as far as it has to be known to remove it: no row has to be
/// readable for that.
struct AccountRemains: Sendable {
    /// The stored form of the address.
    let email: String
    let partition: AccountPartition
    /// Nil if the account's row does not say.
    let userID: String?
    /// The version of the account's row in which it is removed; nil for any, where the version
    /// can't be read either.
    let etag: ETag?
    /// The names of the partition's rows beside the account's.
    let otherRows: [String]

    /// The ids of the sessions among them.
    var sessionIDs: [String] {
        otherRows.filter { $0.hasPrefix(AccountPartition.sessionRowPrefix) }
            .map { String($0.dropFirst(AccountPartition.sessionRowPrefix.count)) }
    }
}
