/// Why a copy was refused or stopped.
package enum StoreCopyError: Error, Sendable, Equatable {
    /// There is something in the target already.
    case targetNotEmpty
    /// The target holds a copy that has not been finished; it goes on only when that is asked for.
    case unfinished
    /// The target's unfinished copy is of another source, which is named.
    case otherOrigin(String)
    /// There is no copy in the target that could go on.
    case nothingToResume
    /// No store takes the entity of the source; the text says why.
    case unsuitable(EntityKey, String)
    /// The entity is in both stores and not the same, or in one of them only.
    case differs(EntityKey)
    /// The stores have different numbers of entities.
    case countsDiffer(source: Int, target: Int)
    /// One of the stores failed; the copy can go on later.
    case store(isTarget: Bool, StoreError)
}
