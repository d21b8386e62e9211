extension EntityKey {
    /// The place after this key, for stores that scan by key: `partition/row`, as no key
    /// contains a slash.
    package var continuation: EntityContinuation {
        EntityContinuation("\(partition)/\(row)")
    }

    /// The key that `continuation` names; nil when it was not made by `continuation`. It may have
    /// been in a client's hands, so nothing in it is trusted.
    package init?(continuation: EntityContinuation) {
        let parts = continuation.text.split(
            separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(partition: String(parts[0]), row: String(parts[1]))
        guard EntityLimits.isKey(partition), EntityLimits.isKey(row) else { return nil }
    }
}
