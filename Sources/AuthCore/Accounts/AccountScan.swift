import Storage

/// Some accounts of a scan.
struct AccountScan: Sendable {
    /// In the order of partitions, with their sessions.
    var records: [AccountRecord] = []
    /// How many accounts are missing between them, because their rows can't be read.
    var unreadableCount = 0
    /// Where to continue; nil at the end.
    var next: EntityContinuation?
}
