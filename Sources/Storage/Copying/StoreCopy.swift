/// Copies everything in one store to another one: the same keys and the same properties.
///
/// The target records the progress in a separate row, which is removed when the copy has been
/// verified. So an interrupted copy can be resumed, and nothing that was there before is ever
/// overwritten. Nobody may write to either store meanwhile; if somebody does, the verification says
/// so.
package struct StoreCopy: Sendable {
    /// Entities read and verified at once.
    static let pageCount = EntityLimits.rowsMax
    /// Transactions made at once.
    static let concurrency = 8

    let source: any EntityStore
    let target: any EntityStore
    /// Names the source in the target's row, so that a copy is resumed from the same one.
    let origin: String
    /// Partitions that belong to the installation, not to the accounts.
    let leavingOut: Set<String>

    /// - Parameters:
    ///   - source: what is copied.
    ///   - target: where to.
    ///   - origin: the source's name, without secrets.
    ///   - leavingOut: partitions that are not copied.
    package init(
        from source: any EntityStore, to target: any EntityStore, origin: String,
        leavingOut: Set<String>
    ) {
        self.source = source
        self.target = target
        self.origin = origin
        self.leavingOut = leavingOut
    }

    /// Copies, then reads both stores and compares them.
    ///
    /// - Parameters:
    ///   - isResuming: whether to resume an interrupted copy.
    ///   - report: called after every page.
    /// - Returns: how many entities there are.
    /// - Throws: see `StoreCopyError`.
    package func run(
        isResuming: Bool, _ report: (StoreCopyProgress) -> Void
    ) async throws(StoreCopyError) -> Int {
        var mark = try await begin(isResuming: isResuming)
        let total = try await count(of: .source, report)
        while !mark.isCopied {
            let page = try await read(.source, after: mark.place)
            try await insert(page.entities)
            mark.count += page.entities.count
            mark.place = page.next
            mark.isCopied = page.next == nil
            mark.etag = try await save(mark)
            report(StoreCopyProgress(phase: .copying, count: mark.count, total: total))
        }
        try await verify(total, report)
        try await end(mark)
        return total
    }

    /// How many entities would be copied.
    ///
    /// - Throws: `.targetNotEmpty`, `.unfinished`, `.unsuitable`, `.store`.
    package func dryRun(
        _ report: (StoreCopyProgress) -> Void
    ) async throws(StoreCopyError) -> Int {
        try await checkIsEmpty()
        return try await count(of: .source, report)
    }

    /// Which of the two stores.
    enum Side: Sendable {
        case source, target
    }

    func store(_ side: Side) -> any EntityStore {
        switch side {
        case .source: source
        case .target: target
        }
    }

    /// A page without what is not copied. What another program put into the source may be more than
    /// a store takes, and is refused here, before the first write: the counting reads all.
    ///
    /// - Throws: `.unsuitable`, `.store`.
    func read(
        _ side: Side, after place: EntityContinuation?
    ) async throws(StoreCopyError) -> EntityPage {
        let store = store(side)
        var page = try await asking(side) { () async throws(StoreError) in
            try await store.scan(after: place, limit: StoreCopy.pageCount)
        }
        page.entities.removeAll { isLeftOut($0.key) }
        if let row = page.unreadable.first(where: { !isLeftOut($0.key) }) {
            throw .store(
                isTarget: side == .target,
                .corrupt("the entity \(row.key.partition)/\(row.key.row): \(row.reason)"))
        }
        for entity in page.entities where side == .source {
            if let violation = EntityLimits.violation(entity) {
                throw .unsuitable(entity.key, violation)
            }
        }
        return page
    }

    private func isLeftOut(_ key: EntityKey) -> Bool {
        leavingOut.contains(key.partition) || key == StoreCopyMark.key
    }

    func asking<Value>(
        _ side: Side, _ body: () async throws(StoreError) -> Value
    ) async throws(StoreCopyError) -> Value {
        do {
            return try await body()
        } catch {
            throw .store(isTarget: side == .target, error)
        }
    }

    func count(
        of side: Side, _ report: (StoreCopyProgress) -> Void
    ) async throws(StoreCopyError) -> Int {
        var count = 0
        var place: EntityContinuation?
        repeat {
            let page = try await read(side, after: place)
            count += page.entities.count
            place = page.next
            report(StoreCopyProgress(phase: .counting, count: count, total: nil))
        } while place != nil
        return count
    }
}
