import Storage

/// The row through which the daemons of one store agree who sweeps, how far the sweep is, and when
/// the next one begins.
///
/// A lease is taken and extended by conditional writes. It expires, so that a daemon that
/// died blocks the others for only a few minutes. Should two daemons sweep at once because their
/// clocks differ, each removes only what it has read: no harm is done, and no work done twice.
struct SweepLease: Sendable, Equatable {
    /// In a partition of its own, which no account can have.
    static let key = EntityKey(partition: "authd_sweep", row: "lease")

    /// Whose it is: a random name per run of a daemon.
    var owner: String
    /// Until when nobody else may sweep; or, if no sweep is in progress, when the next one begins.
    var until: Timestamp
    /// Whether a sweep is in progress.
    var isSweeping: Bool
    /// What had expired by then is removed: the moment stays the same for the whole sweep, because a
    /// scan has to continue with the filter it began with.
    var cutoff: Timestamp
    /// Where the sweep continues; nil at its start.
    var continuation: EntityContinuation?

    init(
        owner: String, until: Timestamp, isSweeping: Bool, cutoff: Timestamp,
        continuation: EntityContinuation? = nil
    ) {
        self.owner = owner
        self.until = until
        self.isSweeping = isSweeping
        self.cutoff = cutoff
        self.continuation = continuation
    }

    /// - Throws: `.corrupt` when a property is missing or has the wrong type, or there are too
    ///   many.
    init(_ entity: Entity) throws(StoreError) {
        var fields = try EntityFields(entity)
        owner = try fields.string("owner")
        until = try fields.timestamp("until")
        isSweeping = try fields.flag("sweeping")
        // Older versions wrote none: a place of theirs begins the sweep anew.
        let cutoff = try fields.optionalTimestamp("cutoff")
        self.cutoff = cutoff ?? until
        let place = try fields.optionalString("continuation").map { EntityContinuation($0) }
        continuation = cutoff == nil ? nil : place
    }

    /// The properties of the row.
    var properties: EntityProperties {
        var properties: EntityProperties = [
            "owner": .string(owner), "until": .timestamp(until),
            "sweeping": .boolean(isSweeping), "cutoff": .timestamp(cutoff),
        ]
        properties["continuation"] = continuation.map { .string($0.text) }
        return properties
    }
}
