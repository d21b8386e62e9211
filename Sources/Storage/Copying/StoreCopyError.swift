/// Why a copy was refused or stopped.
package enum StoreCopyError: Error, Sendable, Equatable {
    /// The target is not empty.
    case targetNotEmpty
    /// The target holds an unfinished copy; it is resumed only on request.
    case unfinished
    /// The target's unfinished copy is from another source, which is named.
    case otherOrigin(String)
    /// The target holds no copy that could be resumed.
    case nothingToResume
    /// No store takes the entity of the source; the text says why.
    case unsuitable(EntityKey, String)
    /// The entity is in both stores and not the same, or in one of them only.
    case differs(EntityKey)
    /// The stores have different numbers of entities.
    case countsDiffer(source: Int, target: Int)
    /// One of the stores failed; the copy can be resumed later.
    case store(isTarget: Bool, StoreError)
}
