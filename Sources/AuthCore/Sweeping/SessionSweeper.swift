package import Storage

/// Removes the rows of expired sessions, slowly: nothing reads them any more, and no store removes
/// them by itself.
///
/// It works in steps, and keeps no state except the lease row: a step takes or extends the lease,
/// reads one page, removes what has expired on it, and says when the next step is due. A daemon
/// that dies leaves a sweep for another one to continue.
package struct SessionSweeper: Sendable {
    /// What a step did, and when to take the next.
    package struct Step: Sendable, Equatable {
        /// How many rows were removed.
        package let removedCount: Int
        /// How long to wait before the next step.
        package let pause: Duration
    }

    /// Sessions are removed this long after their end, so that daemons whose clocks differ agree,
    /// and no owner who refreshes at the last moment has to wait.
    package static let grace: Duration = .seconds(3600)
    /// How long a lease holds: a step takes seconds at most.
    package static let leaseDuration: Duration = .seconds(300)
    /// Sessions on a page: the most that one step removes.
    package static let pageCountMax = EntityLimits.operationsMax

    /// Partitions that no account has: of no use in another store.
    package static let ownPartitions: Set<String> = [SweepLease.key.partition]

    private let store: any EntityStore
    private let policy: SessionPolicy
    private let interval: Duration
    private let pause: Duration
    private let owner = RandomIdentifier.make()

    /// - Parameters:
    ///   - store: the store to sweep.
    ///   - policy: says when a session has expired.
    ///   - interval: from the end of one sweep to the next.
    ///   - pause: between two steps of a sweep.
    package init(
        store: any EntityStore, policy: SessionPolicy, interval: Duration, pause: Duration
    ) {
        self.store = store
        self.policy = policy
        self.interval = interval
        self.pause = pause
    }

    /// Takes one step. At most one page is read and one transaction made per account on it.
    ///
    /// - Parameter now: the present moment in UTC.
    /// - Returns: what it did; a lease that another daemon holds, or a sweep that is not due yet,
    ///   is a step that removed nothing.
    /// - Throws: `.unavailable`, `.unknownOutcome`, `.corrupt`; take another step later.
    package func step(at now: Timestamp) async throws(StoreError) -> Step {
        let read = try await leaseRow()
        let found = try read.map { entity throws(StoreError) in try SweepLease(entity) }
        if let found, found.until > now, !(found.isSweeping && found.owner == owner) {
            return Step(removedCount: 0, pause: wait(until: found.until, from: now))
        }
        var lease = SweepLease(
            owner: owner, until: now.advanced(by: SessionSweeper.leaseDuration), isSweeping: true,
            cutoff: now.advanced(by: .zero - SessionSweeper.grace))
        if let found, found.isSweeping, let place = found.continuation {
            (lease.cutoff, lease.continuation) = (found.cutoff, place)
        }
        guard let etag = try await write(lease, over: read?.etag) else {
            return Step(removedCount: 0, pause: SessionSweeper.leaseDuration)
        }
        let page = try await page(after: lease.continuation, before: lease.cutoff)
        let removedCount = try await remove(page.entities, at: now)
        lease.continuation = page.next
        if page.next == nil {
            lease.isSweeping = false
            lease.until = now.advanced(by: interval)
        }
        // Whoever has taken the lease meanwhile continues from where this step began.
        _ = try await write(lease, over: etag)
        return Step(
            removedCount: removedCount,
            pause: lease.isSweeping ? pause : wait(until: lease.until, from: now))
    }

    /// The lease's row. One that the store can't read is removed first: no daemon could take the lease
    /// again, and two that sweep at once do no harm.
    private func leaseRow() async throws(StoreError) -> Entity? {
        let key = SweepLease.key
        do throws(StoreError) {
            return try await store.get(key)
        } catch .corrupt {
            do throws(StoreError) {
                _ = try await store.transact(
                    partition: key.partition, [.delete(key, ifMatch: nil)])
            } catch .notFound {
                return nil
            }
            return nil
        }
    }

    /// Until another daemon's lease or the next sweep: checked again after an hour at most, because
    /// the time in the row may be that of a clock that was set back.
    private func wait(until moment: Timestamp, from now: Timestamp) -> Duration {
        min(max(moment.since(now), pause), .seconds(3600))
    }

    /// The new version of the lease, or nil when another daemon was first.
    private func write(
        _ lease: SweepLease, over etag: ETag?
    ) async throws(StoreError) -> ETag? {
        let key = SweepLease.key
        let operation: EntityOperation =
            etag.map { .replace(key, lease.properties, ifMatch: $0) }
            ?? .insert(key, lease.properties)
        do throws(StoreError) {
            return try await store.transact(partition: key.partition, [operation])[0]
        } catch {
            if error.isLostRace { return nil }
            throw error
        }
    }

    private func page(
        after continuation: EntityContinuation?, before cutoff: Timestamp
    ) async throws(StoreError) -> EntityPage {
        let filter = EntityFilter(
            rowPrefix: AccountPartition.sessionRowPrefix,
            earlier: .init("expiresAt", than: cutoff))
        do throws(StoreError) {
            return try await store.scan(
                filter, after: continuation, limit: SessionSweeper.pageCountMax)
        } catch {
            // A place unknown to the store, after a restore or a move: start over.
            guard case .corrupt = error, continuation != nil else { throw error }
            return try await store.scan(filter, after: nil, limit: SessionSweeper.pageCountMax)
        }
    }

    /// Removes what has also expired by the policy, in the version that was read: a session that
    /// was refreshed meanwhile stays.
    private func remove(_ entities: [Entity], at now: Timestamp) async throws(StoreError) -> Int {
        var deletions: [String: [EntityOperation]] = [:]
        for entity in entities {
            // What can't be read is not removed: a newer daemon may know better.
            guard let etag = entity.etag, let session = try? Session(entity),
                !policy.isLive(session, at: now.advanced(by: .zero - SessionSweeper.grace))
            else { continue }
            deletions[entity.key.partition, default: []].append(
                .delete(entity.key, ifMatch: etag))
        }
        var removedCount = 0
        for (partition, operations) in deletions {
            if try await commit(operations, in: partition) {
                removedCount += operations.count
                continue
            }
            for operation in operations
            where try await commit([operation], in: partition) {
                removedCount += 1
            }
        }
        return removedCount
    }

    /// Whether the deletions were made: not if one of the rows was changed or removed.
    private func commit(
        _ operations: [EntityOperation], in partition: String
    ) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            _ = try await store.transact(partition: partition, operations)
            return true
        } catch {
            if error.isLostRace { return false }
            throw error
        }
    }
}
