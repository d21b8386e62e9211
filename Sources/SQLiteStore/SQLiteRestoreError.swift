package import Storage

/// Why a backup was not restored.
package enum SQLiteRestoreError: Error, Sendable, Equatable {
    /// A process has the database open.
    case inUse
    /// The backup can't be used. The text says why.
    case unsuitable(String)
    /// There already is a database at the path where the present one would be kept.
    case kept(String)
    /// Reading or writing failed.
    case store(StoreError)
}
